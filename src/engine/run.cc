#include "engine/run.h"

#include <algorithm>
#include <utility>

#include "engine/scan.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

// Walks frames in a mapping as Scanner does in a file, without checksums.
class MappedScanner {
 public:
  MappedScanner(const char* base, uint64_t from, uint64_t to)
      : base_(base), to_(to), position_(from) {}

  Scanner::State next(Scanned* out) {
    if (inner_left_ != 0) return next_inner(out);
    if (position_ == to_) return Scanner::State::end;
    if (parse(position_, to_, out) != Parse::ok || (out->record.flags & kFlagInner)) {
      return Scanner::State::invalid;
    }
    if (out->record.kind != Kind::batch) {
      position_ += out->size;
      return Scanner::State::record;
    }
    inner_left_ = load_le<uint32_t>(out->record.value.data());
    if (inner_left_ == 0) return Scanner::State::invalid;
    frame_ = position_;
    inner_ = position_ + kBatchHeaderSize;
    position_ += out->size;
    return next_inner(out);
  }
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] Status status() const { return {}; }

 private:
  Parse parse(uint64_t at, uint64_t end, Scanned* out) const {
    out->offset = at;
    return parse_record_unchecked(base_ + at, end - at, &out->record, &out->size);
  }

  Scanner::State next_inner(Scanned* out) {
    if (parse(inner_, position_, out) != Parse::ok || !(out->record.flags & kFlagInner)) {
      position_ = frame_;
      inner_left_ = 0;
      return Scanner::State::invalid;
    }
    inner_ += out->size;
    --inner_left_;
    return Scanner::State::record;
  }

  const char* const base_;
  const uint64_t to_;
  uint64_t position_;
  uint64_t frame_ = 0, inner_ = 0, inner_left_ = 0;
};

bool has_mapping(const Segment& segment, uint64_t to) { return segment.map_length() >= to; }

class RunBuilder {
 public:
  RunBuilder(const Segment& segment, uint64_t from, uint64_t to)
      : mapped_(has_mapping(segment, to) ? segment.mapped() : nullptr) {
    run_->from = from;
    run_->copied = mapped_ == nullptr;
  }

  // Growing them instead would copy, and touch fresh pages, twice over. What is not used of it
  // costs address space alone.
  void expect(uint64_t operations) {
    constexpr uint64_t kUsualHead = 64;
    if (operations > kRunOperations) return;
    items_.reserve(operations);
    if (mapped_ == nullptr) run_->arena.reserve(operations * kUsualHead);
  }

  [[nodiscard]] uint64_t operations() const { return items_.size() + run_->ranges.size(); }

  void add(const Scanned& s) {
    const Record& r = s.record;
    if (r.kind == Kind::mark) return;
    // In key order in a merge's output, so neither end of the run has them for sure.
    if (run_->first_seq == 0 || r.seq < run_->first_seq) run_->first_seq = r.seq;
    if (r.seq > run_->last_seq) run_->last_seq = r.seq;
    if (r.kind == Kind::range_tombstone) {
      run_->ranges.push_back({std::string(r.key), std::string(r.value), r.seq, s.offset});
      return;
    }
    const bool expiry = r.flags & kFlagExpiry;
    SortItem item;
    item.place = static_cast<uint32_t>(s.offset / kRecordAlign);
    item.key = static_cast<uint32_t>(r.key.size()) | (expiry ? SortItem::kKeyAfterExpiry : 0);
    if (mapped_ == nullptr) item.place = copy_head(r, item.place);
    items_.push_back(item);
    run_->record_bytes += s.size;
  }

  std::shared_ptr<const Run> finish(uint64_t to) {
    sort_run(mapped_ != nullptr ? mapped_ : run_->arena.data(), items_);
    run_->to = to;
    run_->operations = items_.size();
    run_->places.reserve(items_.size());
    for (const SortItem& i : items_) run_->places.push_back(i.place);
    run_->arena.shrink_to_fit();
    return std::move(run_);
  }

 private:
  // The key is the end of what precedes the value, so the head is one piece of the record.
  uint32_t copy_head(const Record& r, uint32_t place) {
    PageString& arena = run_->arena;
    const size_t start = arena.size();
    const size_t head = kRecordHeaderSize + (r.flags & kFlagExpiry ? kExpirySize : 0);
    arena.append(r.key.data() - head, head + r.key.size());
    arena.append(align_up(arena.size(), kRecordAlign) - arena.size(), '\0');
    store_le(arena.data() + start, place);
    return static_cast<uint32_t>(start / kRecordAlign);
  }

  const char* const mapped_;
  PageVector<SortItem> items_;
  std::shared_ptr<Run> run_ = std::make_shared<Run>();
};

template <class Source>
Result<std::shared_ptr<const Run>> collect(const Segment& segment, Source& source, uint64_t from,
                                           uint64_t to, uint64_t operations_max, bool whole) {
  RunBuilder builder(segment, from, to);
  builder.expect(std::min(operations_max, (to - from) / kRecordHeaderSize));
  Scanned s;
  uint64_t frame_end = from;
  for (;;) {
    // A batch's operations all have its end as position: the run ends where position changes.
    const bool full = builder.operations() >= operations_max;
    const Scanner::State state = source.next(&s);
    if (state == Scanner::State::error) return source.status();
    if (state == Scanner::State::end && source.position() == to) break;
    if (state != Scanner::State::record) {
      return corrupt_at(segment, source.position(), "no valid record");
    }
    if (full && source.position() != frame_end) return builder.finish(frame_end);
    frame_end = source.position();
    builder.add(s);
  }
  if (whole && builder.operations() < operations_max) return std::shared_ptr<const Run>();
  return builder.finish(to);
}

}  // namespace

uint64_t Run::memory_bytes() const {
  uint64_t bytes = sizeof *this + places.capacity() * sizeof places[0] + arena.capacity();
  for (const HintRangeTombstone& r : ranges) bytes += sizeof r + r.from.size() + r.to.size();
  return bytes;
}

RunHeads::RunHeads(const Segment& segment, const Run& run)
    : base_(run.copied ? run.arena.data() : segment.mapped()),
      limit_(run.copied ? run.arena.size() : run.to),
      copied_(run.copied) {}

bool RunHeads::decode(uint32_t place, HintEntry* out) const {
  const uint64_t start = place * kRecordAlign;
  const char* p = base_ + start;
  const auto flags = static_cast<uint8_t>(p[5]);
  const bool expiry = flags & kFlagExpiry;
  const uint64_t key_start = kRecordHeaderSize + (expiry ? kExpirySize : 0);
  const uint64_t key_length = load_le<uint16_t>(p + 6);
  // The length was in bounds when the run was built; it is used only if it still is.
  if (key_start + key_length > limit_ - start) return false;
  out->key = Bytes(p + key_start, key_length);
  out->kind = static_cast<Kind>(static_cast<uint8_t>(p[4]));
  out->seq = load_le<uint64_t>(p + 12);
  out->value_length = load_le<uint32_t>(p + 8);
  out->expires_at_ms = expiry ? load_le<uint64_t>(p + kRecordHeaderSize) : 0;
  out->offset = copied_ ? load_le<uint32_t>(p) * kRecordAlign : start;
  return out->kind == Kind::put || out->kind == Kind::tombstone;
}

Result<std::shared_ptr<const Run>> make_run(const Segment& segment, uint64_t from, uint64_t to,
                                            uint64_t operations_max, bool whole, Trust trust) {
  if (trust == Trust::written && has_mapping(segment, to)) {
    MappedScanner source(segment.mapped(), from, to);
    return collect(segment, source, from, to, operations_max, whole);
  }
  Scanner source(segment.file(), segment.salt(), from, to);
  return collect(segment, source, from, to, operations_max, whole);
}

}  // namespace stave
