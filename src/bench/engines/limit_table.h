// The bare table of the limits: open addressing, made in size, no growth, no check. One writer;
// readers beside it see a slot's hash before or after its place, which the key in the record
// decides.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "bench/error.h"
#include "bench/records.h"

namespace stave::bench {

class LimitTable {
 public:
  explicit LimitTable(uint64_t records)
      : mask_(std::bit_ceil(records * 2 + 16) - 1), slots_(new Slot[mask_ + 1]) {}

  // Keys begin with eight mixed bytes; one multiplication is hash enough.
  static uint64_t hash(std::string_view key) {
    uint64_t head;
    std::memcpy(&head, key.data(), sizeof head);
    return (head * 0x9e3779b97f4a7c15ULL) | 1;
  }

  struct Slot {
    std::atomic<uint64_t> hash{0};   // 0: free for ever
    std::atomic<uint64_t> place{0};  // 0: deleted
  };

  // The slot of `key`, or the free one where it belongs. `is_key(place)` compares the record.
  template <typename IsKey>
  Slot& find(uint64_t hash, IsKey is_key) const {
    for (uint64_t at = hash >> 20;; ++at) {
      Slot& slot = slots_[at & mask_];
      const uint64_t there = slot.hash.load(std::memory_order_acquire);
      if (there == 0) return slot;
      if (there != hash) continue;
      const uint64_t place = slot.place.load(std::memory_order_acquire);
      if (place == 0 || is_key(place)) return slot;
    }
  }

  void set(Slot& slot, uint64_t hash, uint64_t place) {
    if (slot.hash.load(std::memory_order_relaxed) == 0 && ++used_ > mask_ - mask_ / 8) {
      throw Error("the limit's table is full: it is made for the records of --num-ops");
    }
    slot.place.store(place, std::memory_order_release);
    slot.hash.store(hash, std::memory_order_release);
  }

 private:
  uint64_t mask_;
  uint64_t used_ = 0;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace stave::bench
