#include "engine/hint_cursor.h"

#include <algorithm>
#include <utility>

namespace stave {

namespace {
// The first read after a seek is small, for a look at one key; then it grows.
constexpr uint64_t kReadAheadMin = 16 << 10;
constexpr uint64_t kReadAheadMax = 256 << 10;
}  // namespace

HintCursor::HintCursor(std::shared_ptr<HintFile> file, uint64_t first_block, uint64_t last_block)
    : file_(std::move(file)),
      first_block_(first_block),
      last_block_(last_block),
      next_block_(first_block),
      read_ahead_(kReadAheadMin) {}

bool HintCursor::fail(const std::string& what) {
  status_ = file_->damaged(what);
  return false;
}

bool HintCursor::read_ahead() {
  const HintIndex& index = file_->index_;
  const uint64_t start = index[next_block_].offset;
  uint64_t end = next_block_ + 1;
  while (end < last_block_ && index[end].offset + index[end].length - start <= read_ahead_) ++end;
  const uint64_t bytes = index[end - 1].offset + index[end - 1].length - start;
  buffer_block_ = buffer_block_end_ = next_block_;
  status_ = file_->read(start, bytes, &buffer_);
  if (!status_.ok()) return false;
  buffer_block_end_ = end;
  read_ahead_ = std::min(read_ahead_ * 2, kReadAheadMax);
  return true;
}

bool HintCursor::open_block() {
  reader_.reset();
  const bool buffered = next_block_ >= buffer_block_ && next_block_ < buffer_block_end_;
  if (!buffered && !read_ahead()) return false;
  const HintBlock& block = file_->index_[next_block_++];
  const uint64_t at = block.offset - file_->index_[buffer_block_].offset;
  reader_.emplace(Bytes(buffer_).substr(at, block.length));
  block_started_ = false;
  return true;
}

void HintCursor::seek(Bytes key) {
  status_ = {};
  reader_.reset();
  take_back();
  at_entry_ = false;
  const uint64_t block = file_->block_of(key);
  next_block_ = block == file_->blocks() ? first_block_ : std::max(block, first_block_);
  read_ahead_ = kReadAheadMin;
  if (key.empty()) return;
  while (next()) {
    if (entry().key < key) continue;
    at_entry_ = true;
    return;
  }
}

bool HintCursor::refill() {
  if (at_entry_) {
    at_entry_ = false;
    lend(&reader_->entry(), 1);
    return true;
  }
  if (!status_.ok()) return false;
  while (!reader_ || !reader_->next()) {
    if (reader_ && reader_->damaged()) return fail("a damaged block");
    if (reader_ && !block_started_) return fail("an empty block");
    if (reader_ && next_block_ < file_->blocks() &&
        reader_->entry().key >= file_->index_[next_block_].first_key) {
      return fail("keys do not ascend");
    }
    if (next_block_ >= last_block_ || !open_block()) return false;
  }
  if (!block_started_) {
    block_started_ = true;
    if (reader_->entry().key != file_->index_[next_block_ - 1].first_key) {
      return fail("a block does not begin with its key in the index");
    }
  }
  if (!file_->plausible(reader_->entry())) return fail("an entry outside of the data file");
  lend(&reader_->entry(), 1);
  return true;
}

}  // namespace stave
