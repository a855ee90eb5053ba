#include "engine/hint_file.h"

#include <algorithm>
#include <utility>

#include "engine/hint_cursor.h"

namespace stave {

namespace {
// A block ends with the entry that fills it, whose key may be of the greatest length.
constexpr uint64_t kBlockMax = kHintBlockTarget + kKeySizeMax + 128;
}  // namespace

Result<std::shared_ptr<HintFile>> HintFile::open(Env& env, std::shared_ptr<Segment> segment,
                                                 uint64_t map_below) {
  const std::string path = segment->hint_path();
  Result<std::unique_ptr<File>> file = env.fs.open(path, Access::read);
  if (!file.ok()) return file.status();
  std::shared_ptr<HintFile> hint(new HintFile());
  hint->file_ = std::make_unique<ParkingFile>(env.fs, file.take());
  hint->segment_ = std::move(segment);
  STAVE_RETURN_IF_ERROR(hint->load(path));
  if (hint->memory_bytes() <= map_below) hint->map_blocks();
  hint->file_->park({});
  return hint;
}

Status HintFile::load(const std::string& path) {
  Result<uint64_t> size = file_->size();
  if (!size.ok()) return size.status();
  const uint64_t footer_size = std::min<uint64_t>(*size, kHintFooterSize);
  PageString bytes;
  STAVE_RETURN_IF_ERROR(read(*size - footer_size, footer_size, &bytes));
  STAVE_RETURN_IF_ERROR(decode_hint_footer(bytes, *size, path, &footer_));
  STAVE_RETURN_IF_ERROR(check_belongs(path));
  STAVE_RETURN_IF_ERROR(read(footer_.ranges_offset, footer_.ranges_length, &bytes));
  STAVE_RETURN_IF_ERROR(decode_hint_ranges(bytes, path, &ranges_));
  STAVE_RETURN_IF_ERROR(read(footer_.index_offset, footer_.index_length, &bytes));
  STAVE_RETURN_IF_ERROR(decode_hint_index(bytes, path, &index_));
  return check_blocks();
}

Status HintFile::check_belongs(const std::string& path) const {
  const HintSummary& s = footer_.summary;
  if (s.file_id == segment_->id() && s.salt == segment_->salt() &&
      s.data_length == segment_->tail()) {
    return {};
  }
  return {Code::corrupt, path + ": hint: it belongs to another data file or another length"};
}

Status HintFile::check_blocks() const {
  uint64_t end = 0;
  for (const HintBlock& b : index_) {
    if (b.offset != end || b.length > kBlockMax) return damaged("a block out of place");
    end += b.length;
  }
  if (end != footer_.ranges_offset) return damaged("blocks and ranges do not adjoin");
  if (index_.empty() != (summary().entries == 0) || ranges_.size() != summary().range_tombstones) {
    return damaged("a count in the footer is wrong");
  }
  for (const HintRangeTombstone& r : ranges_) {
    const uint64_t bytes = record_size(r.from.size(), r.to.size(), false);
    if (r.offset + bytes > summary().data_length || r.seq < summary().first_seq ||
        r.seq > summary().last_seq) {
      return damaged("a range outside of the data file");
    }
  }
  return {};
}

// Without it everything is read by pread.
void HintFile::map_blocks() {
  auto mapping = file_->map(footer_.ranges_offset, Access::read);
  if (!mapping.ok()) return;
  mapping_ = mapping.take();
  mapping_->expect(Pattern::random);
}

Status HintFile::read(uint64_t offset, uint64_t n, PageString* to) const {
  to->resize(n);
  size_t got = 0;
  STAVE_RETURN_IF_ERROR(file_->read(offset, to->data(), n, &got));
  return got == n ? Status() : damaged("it ends early");
}

Status HintFile::damaged(const std::string& what) const {
  return {Code::corrupt, file_->path() + ": hint: " + what};
}

uint64_t HintFile::block_of(Bytes key) const {
  const auto after =
      std::upper_bound(index_.begin(), index_.end(), key,
                       [](Bytes k, const HintBlock& block) { return k < block.first_key; });
  if (after == index_.begin()) return index_.size();
  return static_cast<uint64_t>(after - index_.begin()) - 1;
}

double HintFile::share_between(Bytes from, Bytes to) const {
  if (index_.empty()) return 0;
  const auto all = static_cast<double>(index_.size());
  // A key inside a block stands in its middle, for all we know.
  const auto blocks_before = [&](Bytes key) {
    const uint64_t block = block_of(key);
    return block == index_.size() ? 0 : static_cast<double>(block) + 0.5;
  };
  const double end = to.empty() ? all : blocks_before(to);
  return std::max(end - blocks_before(from), 0.0) / all;
}

Status HintFile::last_key(Bytes* out) {
  STAVE_CHECK(blocks() != 0);
  MutexLock lock(last_key_mutex_);
  if (last_key_.empty()) {
    HintCursor cursor(shared_from_this(), blocks() - 1, blocks());
    cursor.seek_down({});
    if (!cursor.next()) return cursor.status().ok() ? damaged("an empty block") : cursor.status();
    last_key_.assign(cursor.entry().key);
  }
  *out = last_key_;  // never changes again
  return {};
}

std::unique_ptr<Cursor> HintFile::cursor() { return cursor(0, blocks()); }

std::unique_ptr<Cursor> HintFile::cursor(uint64_t first_block, uint64_t last_block) {
  STAVE_CHECK(first_block <= last_block && last_block <= blocks());
  return std::make_unique<HintCursor>(shared_from_this(), first_block, last_block);
}

Status HintFile::load_filter() {
  if (filter_) return {};
  STAVE_RETURN_IF_ERROR(read(footer_.filter_offset, footer_.filter_length, &filter_section_));
  filter_.emplace(filter_section_, segment_->salt());
  return {};
}

Result<bool> HintFile::may_contain(Bytes key) {
  if (block_of(key) == blocks()) return false;
  MutexLock lock(filter_mutex_);
  STAVE_RETURN_IF_ERROR(load_filter());
  return filter_->may_contain(key);
}

Result<bool> HintFile::contains(Bytes key) {
  Result<bool> maybe = may_contain(key);
  if (!maybe.ok() || !*maybe) return maybe;
  std::string storage;
  HintEntry entry;
  const Status found = find(key, &storage, &entry);
  if (found.ok()) return true;
  if (found.is(Code::not_found)) return false;
  return found;
}

Status HintFile::find(Bytes key, std::string* key_storage, HintEntry* out) {
  const uint64_t block = block_of(key);
  if (block == blocks()) return Status::answer(Code::not_found);
  HintCursor cursor(shared_from_this(), block, block + 1);
  cursor.seek(key);
  if (!cursor.next()) {
    return cursor.status().ok() ? Status::answer(Code::not_found) : cursor.status();
  }
  if (cursor.entry().key != key) return Status::answer(Code::not_found);
  *out = cursor.entry();
  key_storage->assign(cursor.entry().key);
  out->key = *key_storage;
  return {};
}

}  // namespace stave
