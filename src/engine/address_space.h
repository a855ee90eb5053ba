// One address space for the bytes of all data files: a keydir slot names a record by its
// address alone, and this table leads from the address to the file.
//
// Addresses count 8-byte units. Every file owns an extent of whole granules; granules of a
// retired file are used again only after all readers that may hold such an address have left
// (Epoch), which is the caller's duty.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "base/limits.h"
#include "base/mutex.h"
#include "base/status.h"

namespace stave {

class Segment;

inline constexpr uint64_t kGranuleBytes = 16ULL << 20;
inline constexpr uint64_t kGranuleUnits = kGranuleBytes / kRecordAlign;
inline constexpr uint64_t kGranules = kStoreSizeMax / kGranuleBytes;

struct Extent {
  uint64_t first = 0;  // granule
  uint64_t count = 0;
  [[nodiscard]] uint64_t base_units() const { return first * kGranuleUnits; }
};

class AddressSpace {
 public:
  static Result<std::unique_ptr<AddressSpace>> create();
  ~AddressSpace();
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  // Room for `bytes`; store_full when 16 TiB are spoken for.
  [[nodiscard]] Result<Extent> allocate(uint64_t bytes) STAVE_EXCLUDES(mutex_);
  // A given extent, for the checkpoint's file table; false if part of it is taken.
  bool claim(const Extent& e) STAVE_EXCLUDES(mutex_);
  void release(const Extent& e) STAVE_EXCLUDES(mutex_);

  // Publishes the file of an extent, or nullptr.
  void bind(const Extent& e, Segment* segment);
  // Lock-free. nullptr: no file there (a stale address, seen outside of an epoch guard).
  [[nodiscard]] Segment* segment_at(uint64_t address) const {
    return table_[address / kGranuleUnits].load(std::memory_order_acquire);
  }

 private:
  AddressSpace() = default;
  std::atomic<Segment*>* table_ = nullptr;  // kGranules entries, zero pages until used
  Mutex mutex_;
  std::map<uint64_t, uint64_t> free_ STAVE_GUARDED_BY(mutex_);  // first -> count
};

}  // namespace stave
