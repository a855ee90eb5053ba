// Has a record that lies on several pages read from the device by one request.
//
// The fault of a page of a sealed file reads that page alone, so such a record would cost a
// request for each. A system call before every get would cost those whose pages are in memory,
// which is nearly all of them, too much. So reads of such records are timed, and only after a slow
// one does the next one ask for all of its pages first.
//
// Threads: any. What they know of each other's reads is a hint.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "engine/keydir_slot.h"
#include "engine/segment.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace stave {

class alignas(64) ColdPages {
 public:
  // Before a record in a mapping is touched. 0: it lies on one page, as far as its class tells.
  [[nodiscard]] uint64_t begin(const Segment& s, uint64_t offset, unsigned cls) const {
    if (__builtin_expect(offset % kPage + class_bound(cls) <= kPage, 1)) return 0;
    if (__builtin_expect(suspicion_.load(std::memory_order_relaxed) != 0, 0)) fetch(s, offset, cls);
    return now();
  }
  // When all of it, `bytes`, was read.
  void end(uint64_t began, uint64_t bytes) {
    if (began == 0) return;
    const uint64_t suspicion = suspicion_.load(std::memory_order_relaxed);
    if (__builtin_expect(now() - began > kSlow + bytes, 0)) {
      suspicion_.store(kSuspicious, std::memory_order_relaxed);
    } else if (__builtin_expect(suspicion != 0, 0)) {
      suspicion_.store(suspicion - 1, std::memory_order_relaxed);
    }
  }

 private:
  static constexpr uint64_t kPage = 4096;
  static constexpr uint64_t kFetchMax = 1 << 20;  // beyond it a record's faults are few per byte
  static constexpr uint64_t kSuspicious = 64;     // quick reads until it is given up
#if defined(__x86_64__)
  static uint64_t now() { return __rdtsc(); }
  // 20 to 50 us, and one cycle a byte for checking and copying: no memory takes so long.
  static constexpr uint64_t kSlow = 100'000;
#else
  static uint64_t now() {
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  static constexpr uint64_t kSlow = 30'000;
#endif

  // Of the coarse classes the true bound, of the fine ones the largest.
  static uint64_t class_bound(unsigned cls) {
    return cls < kFineClasses ? class_max(kFineClasses - 1) : class_max(cls);
  }
  static void fetch(const Segment& s, uint64_t offset, unsigned cls) {
    if (s.mapping() == nullptr) return;
    s.mapping()->fetch(offset, std::min({size_class_max(cls), s.tail() - offset, kFetchMax}));
  }

  alignas(64) std::atomic<uint64_t> suspicion_{0};
};

}  // namespace stave
