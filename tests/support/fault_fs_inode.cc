#include "support/fault_fs_inode.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace stave::test {

FaultInode::FaultInode(uint64_t id, const FaultOptions& options)
    : id_(id), options_(options), arena_(FaultArena::take(options.reserve)) {}

uint64_t FaultInode::pages(uint64_t length) const {
  return (length + options_.page_size - 1) / options_.page_size;
}

char* FaultInode::cached(uint64_t page) const { return arena_->data() + page * options_.page_size; }

void FaultInode::resize(uint64_t length) {
  const uint64_t limit = align_up(length, options_.page_size);
  if (length >= size_) {
    arena_->grow(limit);
  } else {
    arena_->shrink(length, limit);
    lost_.erase(lost_.lower_bound(length / options_.page_size), lost_.end());
    const uint64_t end = std::min<uint64_t>(disk_.size(), pages(size_));
    for (uint64_t p = length / options_.page_size; p < end; ++p) touched_.insert(p);
  }
  size_ = length;
}

uint64_t FaultInode::read(uint64_t offset, char* to, uint64_t n) const {
  if (offset >= size_) return 0;
  n = std::min(n, size_ - offset);
  kernel_copy(to, arena_->data() + offset, n);
  return n;
}

void FaultInode::write(uint64_t offset, const char* from, uint64_t n) {
  if (n == 0) return;
  if (offset + n > size_) resize(offset + n);
  kernel_copy(arena_->data() + offset, from, n);
  for (uint64_t p = offset / options_.page_size; p < pages(offset + n); ++p) {
    touched_.insert(p);
    lost_.erase(p);  // dirty again, even with the same bytes
  }
}

uint64_t FaultInode::missing_bytes(uint64_t offset, uint64_t length) const {
  uint64_t missing = 0;
  for (uint64_t p = offset / options_.page_size; p < pages(offset + length); ++p) {
    if (p >= blocks_.size() || !blocks_[p]) missing += options_.page_size;
  }
  return missing;
}

uint64_t FaultInode::claim(uint64_t offset, uint64_t length, uint64_t* free) {
  const uint64_t end = pages(offset + length);
  if (blocks_.size() < end) blocks_.resize(end);
  for (uint64_t p = offset / options_.page_size; p < end; ++p) {
    if (blocks_[p]) continue;
    if (*free < options_.page_size) {
      const uint64_t covered = std::max(offset, p * options_.page_size) - offset;
      return std::min(length, covered);
    }
    *free -= options_.page_size;
    blocks_[p] = true;
  }
  return length;
}

uint64_t FaultInode::release_from(uint64_t length) {
  uint64_t freed = 0;
  for (uint64_t p = pages(length); p < blocks_.size(); ++p) {
    if (blocks_[p]) freed += options_.page_size;
  }
  if (pages(length) < blocks_.size()) blocks_.resize(pages(length));
  return freed;
}

bool FaultInode::is_dirty(uint64_t page) const {
  const char* now = cached(page);
  auto lost = lost_.find(page);
  if (lost != lost_.end() && kernel_equal(now, lost->second.data(), options_.page_size)) {
    return false;
  }
  if (page < disk_.size() && disk_[page]) {
    return !kernel_equal(now, disk_[page]->data(), options_.page_size);
  }
  return !kernel_is_zero(now, options_.page_size);
}

std::vector<uint64_t> FaultInode::dirty_pages() const {
  std::vector<uint64_t> dirty;
  const uint64_t end = pages(size_);
  if (mapped_) {
    for (uint64_t p = 0; p < end; ++p) {
      if (is_dirty(p)) dirty.push_back(p);
    }
  } else {
    for (uint64_t p : touched_) {
      if (p < end && is_dirty(p)) dirty.push_back(p);
    }
  }
  return dirty;
}

std::string FaultInode::copy_of(uint64_t page) const {
  std::string bytes(options_.page_size, '\0');
  kernel_copy(bytes.data(), cached(page), bytes.size());
  return bytes;
}

void FaultInode::put_on_disk(uint64_t page, std::string bytes) {
  if (disk_.size() <= page) disk_.resize(page + 1);
  disk_[page] = std::make_shared<const std::string>(std::move(bytes));
}

void FaultInode::set_disk_size(uint64_t length) {
  disk_size_ = length;
  if (disk_.size() > pages(length)) disk_.resize(pages(length));
  const uint64_t last = length / options_.page_size;
  const uint64_t tail = length % options_.page_size;
  if (tail == 0 || last >= disk_.size() || !disk_[last]) return;
  std::string bytes = *disk_[last];
  std::fill(bytes.begin() + static_cast<ptrdiff_t>(tail), bytes.end(), '\0');
  put_on_disk(last, std::move(bytes));
}

void FaultInode::sync() {
  for (uint64_t p : dirty_pages()) {
    put_on_disk(p, copy_of(p));
    lost_.erase(p);
  }
  disk_size_ = size_;
  if (disk_.size() > pages(size_)) disk_.resize(pages(size_));
  touched_.clear();
}

void FaultInode::lose_dirty_pages() {
  for (uint64_t p : dirty_pages()) lost_[p] = copy_of(p);
}

uint64_t FaultInode::random_length(FaultRandom& random, uint64_t percent) const {
  if (!random.chance(percent)) return disk_size_;
  // Growth is written back page by page, and may be caught half way.
  const uint64_t first = disk_size_ / options_.page_size + 1;
  const uint64_t last = size_ / options_.page_size;
  if (first <= last && random.chance(30)) {
    return (first + random.below(last - first + 1)) * options_.page_size;
  }
  return size_;
}

void FaultInode::writeback(FaultRandom& random, uint64_t percent) {
  for (uint64_t p : dirty_pages()) {
    if (!random.chance(percent)) continue;
    put_on_disk(p, copy_of(p));
    lost_.erase(p);
  }
  set_disk_size(random_length(random, percent));
}

void FaultInode::flip_bit(uint64_t offset, unsigned bit) {
  STAVE_CHECK(offset < size_ && bit < 8);
  const auto mask = static_cast<char>(1U << bit);
  const uint64_t page = offset / options_.page_size;
  char byte;
  kernel_copy(&byte, arena_->data() + offset, 1);
  byte = static_cast<char>(byte ^ mask);
  kernel_copy(arena_->data() + offset, &byte, 1);
  std::string bytes(options_.page_size, '\0');
  if (page < disk_.size() && disk_[page]) bytes = *disk_[page];
  bytes[offset % options_.page_size] = static_cast<char>(bytes[offset % options_.page_size] ^ mask);
  put_on_disk(page, std::move(bytes));
}

void FaultInode::fill_cache_from_disk() {
  size_ = disk_size_;
  arena_->grow(align_up(size_, options_.page_size));
  for (uint64_t p = 0; p < disk_.size(); ++p) {
    if (disk_[p]) kernel_copy(cached(p), disk_[p]->data(), options_.page_size);
  }
}

std::shared_ptr<FaultInode> FaultInode::after_power_cut(FaultRandom& random,
                                                        uint64_t percent) const {
  auto after = std::make_shared<FaultInode>(id_, options_);
  after->disk_ = disk_;
  for (uint64_t p : dirty_pages()) {
    if (random.chance(percent)) after->put_on_disk(p, copy_of(p));
  }
  after->set_disk_size(random_length(random, percent));
  after->fill_cache_from_disk();
  after->blocks_ = blocks_;
  after->release_from(after->size_);
  return after;
}

std::shared_ptr<FaultInode> FaultInode::after_kill9() const {
  auto after = std::make_shared<FaultInode>(id_, options_);
  after->disk_ = disk_;
  after->disk_size_ = disk_size_;
  after->lost_ = lost_;
  after->blocks_ = blocks_;
  after->resize(size_);
  for (uint64_t p = 0; p < pages(size_); ++p) {
    if (!kernel_is_zero(cached(p), options_.page_size)) {
      kernel_copy(after->cached(p), cached(p), options_.page_size);
    }
  }
  for (uint64_t p : dirty_pages()) after->touched_.insert(p);
  return after;
}

}  // namespace stave::test
