#include "engine/hint_cursor.h"

#include <algorithm>
#include <utility>

#include "base/key_code.h"

namespace stave {

namespace {
// The first read after a seek is one block, for a look at some keys; then it grows. So do batches.
constexpr uint64_t kReadAheadMin = 4 << 10;
constexpr uint64_t kReadAheadMax = 256 << 10;
constexpr size_t kBatchMin = 4;
constexpr size_t kBatchMax = 64;
// A block's keys may have 64 KiB each, most of it shared: not all of them are held at once.
constexpr size_t kKeysMax = 256 << 10;
}  // namespace

HintCursor::HintCursor(std::shared_ptr<HintFile> file, uint64_t first_block, uint64_t last_block)
    : file_(std::move(file)),
      first_block_(first_block),
      last_block_(last_block),
      next_block_(first_block),
      read_ahead_(kReadAheadMin),
      batch_size_(kBatchMin) {}

bool HintCursor::fail(const std::string& what) {
  status_ = file_->damaged(what);
  return false;
}

bool HintCursor::read_ahead(uint64_t block) {
  const HintIndex& index = file_->index_;
  const auto bytes = [&index](uint64_t from, uint64_t to) {
    return index[to - 1].offset + index[to - 1].length - index[from].offset;
  };
  uint64_t begin = block, end = block + 1;
  while (!down_ && end < last_block_ && bytes(begin, end + 1) <= read_ahead_) ++end;
  while (down_ && begin > first_block_ && bytes(begin - 1, end) <= read_ahead_) --begin;
  window_block_ = window_block_end_ = block;
  window_ = {};
  // Of a mapping the device would be asked for one page at a time: a walk goes on by pread.
  if (std::exchange(sought_, false)) {
    window_ = file_->mapped(index[begin].offset, bytes(begin, end));
  }
  if (window_.empty()) {
    status_ = file_->read(index[begin].offset, bytes(begin, end), &buffer_);
    if (!status_.ok()) return false;
    window_ = buffer_;
  }
  window_block_ = begin;
  window_block_end_ = end;
  read_ahead_ = std::min(read_ahead_ * 2, kReadAheadMax);
  return true;
}

bool HintCursor::open_block(uint64_t block) {
  reader_.reset();
  const bool buffered = block >= window_block_ && block < window_block_end_;
  if (!buffered && !read_ahead(block)) return false;
  const HintBlock& b = file_->index_[block];
  const uint64_t at = b.offset - file_->index_[window_block_].offset;
  reader_.emplace(window_.substr(at, b.length));
  block_ = block;
  block_started_ = false;
  return true;
}

void HintCursor::start(bool down, Bytes key, uint64_t next_block) {
  status_ = {};
  reader_.reset();
  take_back();
  down_ = down;
  bound_.assign(key);
  sought_ = !key.empty();
  next_block_ = std::clamp(next_block, first_block_, last_block_);
  left_in_block_ = 0;
  read_ahead_ = kReadAheadMin;
  batch_size_ = kBatchMin;
  last_key_.clear();
}

void HintCursor::seek(Bytes key) {
  const uint64_t block = file_->block_of(key);
  start(false, key, block == file_->blocks() ? first_block_ : block);
}

void HintCursor::seek_down(Bytes key) {
  const uint64_t block = file_->block_of(key);
  const bool below_all = !key.empty() && block == file_->blocks();
  start(true, key, below_all ? first_block_ : key.empty() ? last_block_ : block + 1);
}

bool HintCursor::next_in_block() {
  if (!reader_->next()) {
    if (reader_->damaged()) return fail("a damaged block");
    if (!block_started_) return fail("an empty block");
    if (block_ + 1 < file_->blocks() &&
        reader_->entry().key >= file_->index_[block_ + 1].first_key) {
      return fail("keys do not ascend");
    }
    return false;
  }
  if (!block_started_) {
    block_started_ = true;
    if (reader_->entry().key != file_->index_[block_].first_key) {
      return fail("a block does not begin with its key in the index");
    }
  }
  return file_->plausible(reader_->entry()) || fail("an entry outside of the data file");
}

// The reader's entry joins the batch. Its code so far is what it shares with the one before; its
// key is put in its place by place_keys().
void HintCursor::take(bool first_in_block) {
  if (taken_ == entries_.size()) {
    const size_t room = std::max(2 * taken_, kBatchMin);
    codes_.resize(room);  // has as many at least, whatever is thrown
    entries_.resize(room);
  }
  const HintEntry& e = reader_->entry();
  codes_[taken_] = first_in_block ? common_prefix(last_key_, e.key) : reader_->shared();
  keys_.append(e.key);
  entries_[taken_++] = e;
}

// As next_in_block() and take(), after an entry of the block, as often as it is quick and there is
// room. False on an error.
bool HintCursor::take_usual(size_t most) {
  const size_t end = std::min(most, entries_.size());
  if (taken_ >= end) return true;
  const size_t all =
      taken_ + reader_->next_some(end - taken_, &entries_[taken_], &codes_[taken_], &keys_);
  for (; taken_ < all; ++taken_) {
    if (!file_->plausible(entries_[taken_])) return fail("an entry outside of the data file");
  }
  return true;
}

void HintCursor::drop_taken() {
  taken_ = 0;
  keys_.clear();
}

// take() may have moved them.
void HintCursor::place_keys() {
  const char* at = keys_.data();
  for (size_t i = 0; i < taken_; ++i) {
    HintEntry& e = entries_[i];
    e.key = Bytes(at, e.key.size());
    at += e.key.size();
  }
}

bool HintCursor::refill() {
  if (!status_.ok()) return false;
  drop_taken();
  if (!(down_ ? take_block_below() : take_some())) return false;
  lend(file_->segment_.get(), entries_.data(), taken_, codes_.data());
  return true;
}

// Whether the reader's entry is below the bound, as the one before it was.
bool HintCursor::below_bound(bool first_in_block) {
  // What that one has in common with this one, and the bound has not, decides again.
  if (!first_in_block && reader_->shared() > bound_shared_) return true;
  const Bytes key = reader_->entry().key;
  bound_shared_ = common_prefix(key, bound_);
  return key.substr(bound_shared_) < Bytes(bound_).substr(bound_shared_);
}

// Entries of one block. Those before an error come before it.
bool HintCursor::take_some() {
  while (taken_ < batch_size_ && keys_.size() < kKeysMax) {
    const bool first_in_block = !block_started_;
    if (reader_ && next_in_block()) {
      if (!bound_.empty() && below_bound(first_in_block)) {
        bound_shared_ = reader_->skip_below(bound_);
        continue;
      }
      bound_.clear();
      take(first_in_block);
      if (!take_usual(batch_size_)) break;
      continue;
    }
    if (!status_.ok()) break;
    if (reader_) {
      last_key_.assign(reader_->entry().key);
      reader_.reset();
      if (taken_ != 0) break;
    }
    if (next_block_ >= last_block_ || !open_block(next_block_)) break;
    ++next_block_;
  }
  batch_size_ = std::min(2 * batch_size_, kBatchMax);
  place_keys();
  for (size_t i = 0; i < taken_; ++i) {
    codes_[i] = key_code::of(entries_[i].key, codes_[i]);
  }
  return taken_ != 0;
}

bool HintCursor::take_block_below() {
  while (taken_ == 0) {
    if (left_in_block_ == 0) {
      if (next_block_ == first_block_) return false;
      --next_block_;
      left_in_block_ = SIZE_MAX;
    }
    if (!open_block(next_block_) || !take_last()) return false;
  }
  place_keys();
  Bytes base = last_key_;
  for (size_t i = taken_, shared = common_prefix(base, entries_[i - 1].key); i-- > 0;) {
    const size_t shared_below = codes_[i];
    codes_[i] = key_code::of_descending(entries_[i].key, shared, base.size());
    base = entries_[i].key;
    shared = shared_below;
  }
  std::reverse(entries_.data(), entries_.data() + taken_);
  std::reverse(codes_.data(), codes_.data() + taken_);
  last_key_.assign(base);
  return true;
}

// Of the open block's first entries, as many as are left, the last ones.
bool HintCursor::take_last() {
  std::vector<uint32_t> sizes;
  bool first_in_block = true;
  while (sizes.size() < left_in_block_ && next_in_block()) {
    const Bytes key = reader_->entry().key;
    if (!bound_.empty() && key >= Bytes(bound_)) break;
    if (keys_.size() <= kKeysMax) take(std::exchange(first_in_block, false));
    sizes.push_back(static_cast<uint32_t>(key.size()));
    if (bound_.empty() && taken_ == sizes.size() && !take_usual(left_in_block_)) return false;
    while (sizes.size() < taken_) {
      sizes.push_back(static_cast<uint32_t>(entries_[sizes.size()].key.size()));
    }
  }
  if (!status_.ok()) return false;
  bound_.clear();  // next_in_block() sees to it that earlier blocks are below it
  left_in_block_ = 0;
  if (taken_ == sizes.size() && keys_.size() <= kKeysMax) return true;
  left_in_block_ = sizes.size();
  for (size_t bytes = 0; bytes + sizes[left_in_block_ - 1] <= kKeysMax;) {
    bytes += sizes[--left_in_block_];
  }
  drop_taken();
  if (!open_block(next_block_)) return false;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!next_in_block()) return fail("a block that changes");
    if (i >= left_in_block_) take(false);
  }
  return true;
}

}  // namespace stave
