#include "engine/iterator.h"

#include <utility>

#include "engine/snapshot_sources.h"

namespace stave {

Result<std::unique_ptr<Iterator>> Iterator::open(std::shared_ptr<Env> env, Snapshot snapshot,
                                                 std::string prefix) {
  std::unique_ptr<Iterator> it(new Iterator());
  it->env_ = std::move(env);
  it->snapshot_ = std::move(snapshot);
  it->prefix_ = std::move(prefix);
  it->opened_at_ms_ = it->env_->expiry.now_ms();
  SnapshotSources sources;
  STAVE_RETURN_IF_ERROR(open_sources(it->env_, it->snapshot_, &sources));
  it->ranges_ = RangeCover(sources.ranges);
  it->cursor_ = std::make_unique<MergingCursor>(std::move(sources.cursors));
  it->cursor_->seek(it->prefix_);
  return it;
}

bool Iterator::live(const HintEntry& e) const {
  if (e.kind != Kind::put) return false;
  if (e.expires_at_ms != 0 && e.expires_at_ms <= opened_at_ms_) return false;
  return ranges_.empty() || ranges_.seq_over(e.key) < e.seq;
}

Status Iterator::next() {
  valid_ = false;
  while (cursor_->next()) {
    const HintEntry& e = cursor_->entry();
    if (e.seq > snapshot_.seq || e.key == Bytes(key_)) continue;
    if (!e.key.starts_with(prefix_)) return Status::answer(Code::done);
    key_.assign(e.key);  // older entries of the key no longer matter, whatever this one says
    if (!live(e)) continue;
    segment_ = cursor_->segment();
    offset_ = e.offset;
    record_size_ = record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
    seq_ = e.seq;
    valid_ = true;
    return {};
  }
  return cursor_->status().ok() ? Status::answer(Code::done) : cursor_->status();
}

Status Iterator::value(Bytes* out) {
  *out = Bytes();
  if (!valid_) return {Code::invalid_argument, "the iterator stands at no entry"};
  if (segment_->map_length() >= offset_ + record_size_) {
    return parse_value(segment_->mapped() + offset_, out);
  }
  buffer_.resize(record_size_);
  STAVE_RETURN_IF_ERROR(segment_->read_exact(offset_, buffer_.data(), record_size_));
  return parse_value(buffer_.data(), out);
}

Status Iterator::parse_value(const char* record, Bytes* out) const {
  Record r;
  uint64_t size = 0;
  const Parse parsed = env_->options.verify_reads
                           ? parse_record(record, record_size_, segment_->salt(), &r, &size)
                           : parse_record_unchecked(record, record_size_, &r, &size);
  if (parsed != Parse::ok) return corrupt_at(*segment_, offset_, "a damaged record");
  if (r.kind != Kind::put || r.seq != seq_ || r.key != Bytes(key_)) {
    return corrupt_at(*segment_, offset_, "not the record that the index names");
  }
  *out = r.value;
  return {};
}

}  // namespace stave
