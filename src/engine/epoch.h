// Knows when all readers that were inside have left: how retired files and closing wait.
//
// In the manner of SRCU: a reader counts itself in on one of two sides of a striped counter
// and out again; synchronize() flips the side and waits until the old side's ins and outs
// agree. No registration of threads, no thread-local state, nothing runs at thread exit.
//
// Orderings: enter is seq_cst, so that a reader that synchronize() did not count is sure to
// see everything written before it (swung slots, the closed flag). Leave is release, so that
// the reader's loads are done before it is counted out; synchronize() acquires it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/mutex.h"

namespace stave {

class Epoch {
  struct alignas(128) Stripe {  // two lines: the adjacent-line prefetcher pairs them
    std::array<std::atomic<uint64_t>, 2> in{};
    std::array<std::atomic<uint64_t>, 2> out{};
  };

 public:
  class Guard {
   public:
    explicit Guard(Epoch& e) : stripe_(e.stripe()), side_(e.side_.load(std::memory_order_relaxed)) {
      stripe_.in[side_].fetch_add(1, std::memory_order_seq_cst);
#if !defined(__x86_64__)  // there the locked add is a full fence already
      std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    }
    ~Guard() { stripe_.out[side_].fetch_add(1, std::memory_order_release); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Stripe& stripe_;
    unsigned side_;
  };

  // Returns when every guard that existed at the call is gone. Not from inside a guard.
  void synchronize() STAVE_EXCLUDES(mutex_);

  // Guards so far, about: for statistics.
  [[nodiscard]] uint64_t entered() const;

 private:
  static constexpr size_t kStripes = 16;

  Stripe& stripe() {
    // The address of the thread's control block differs between live threads and costs nothing.
    auto self = reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
    return stripes_[(self * 0x9E3779B97F4A7C15ULL) >> 60];
  }
  void wait_for_side(unsigned side) STAVE_REQUIRES(mutex_);

  std::array<Stripe, kStripes> stripes_;
  std::atomic<unsigned> side_{0};
  Mutex mutex_;  // one synchronize at a time
};

}  // namespace stave
