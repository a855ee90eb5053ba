#include "engine/address_space.h"

#include <cstdlib>

#include "base/bytes.h"
#include "base/check.h"

namespace stave {

// NOLINTNEXTLINE(bugprone-sizeof-expression): the size of the pointer is what is meant
static_assert(sizeof(std::atomic<Segment*>) == sizeof(Segment*) &&
                  std::atomic<Segment*>::is_always_lock_free,
              "calloc'd zeros must be null pointers");

Result<std::unique_ptr<AddressSpace>> AddressSpace::create() {
  std::unique_ptr<AddressSpace> space(new AddressSpace);
  // calloc of 8 MiB is fresh zero pages: untouched granules cost no memory.
  space->table_ =
      static_cast<std::atomic<Segment*>*>(std::calloc(kGranules, sizeof(std::atomic<Segment*>)));
  if (space->table_ == nullptr) {
    return Status(Code::no_memory, "allocating the table of data file addresses (8 MiB)");
  }
  MutexLock lock(space->mutex_);
  space->free_[0] = kGranules;
  return space;
}

AddressSpace::~AddressSpace() { std::free(static_cast<void*>(table_)); }

Result<Extent> AddressSpace::allocate(uint64_t bytes) {
  const uint64_t need = align_up(bytes, kGranuleBytes) / kGranuleBytes;
  MutexLock lock(mutex_);
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->second < need) continue;
    const Extent e{it->first, need};
    const uint64_t left = it->second - need;
    free_.erase(it);
    if (left > 0) free_[e.first + need] = left;
    return e;
  }
  return Status(Code::store_full, "the store holds 16 TiB of data files, which is its limit");
}

bool AddressSpace::claim(const Extent& e) {
  MutexLock lock(mutex_);
  auto it = free_.upper_bound(e.first);
  if (e.count == 0 || it == free_.begin()) return false;
  --it;
  const uint64_t first = it->first;
  const uint64_t count = it->second;
  if (e.count > count || e.first - first > count - e.count) return false;
  free_.erase(it);
  if (e.first > first) free_[first] = e.first - first;
  const uint64_t end = e.first + e.count;
  if (end < first + count) free_[end] = first + count - end;
  return true;
}

void AddressSpace::release(const Extent& e) {
  if (e.count == 0) return;
  MutexLock lock(mutex_);
  std::pair<std::map<uint64_t, uint64_t>::iterator, bool> made;
  try {
    made = free_.emplace(e.first, e.count);
  } catch (const std::bad_alloc&) {
    return;  // not free until the store is reopened; who releases cannot fail
  }
  const auto [it, fresh] = made;
  STAVE_CHECK(fresh);
  if (auto next = std::next(it); next != free_.end() && it->first + it->second == next->first) {
    it->second += next->second;
    free_.erase(next);
  }
  if (it != free_.begin()) {
    auto before = std::prev(it);
    if (before->first + before->second == it->first) {
      before->second += it->second;
      free_.erase(it);
    }
  }
}

void AddressSpace::bind(const Extent& e, Segment* segment) {
  for (uint64_t g = e.first; g < e.first + e.count; ++g) {
    table_[g].store(segment, std::memory_order_release);
  }
}

}  // namespace stave
