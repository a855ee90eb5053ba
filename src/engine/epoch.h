// Knows when all readers that were inside have left: how retired files and closing wait.
//
// In the manner of SRCU: a reader counts itself in on one of two sides of a striped counter
// and out again; synchronize() flips the side and waits until the old side's ins and outs
// agree. No registration of threads, no thread-local state, nothing runs at thread exit.
//
// Orderings. Where there are counters for each CPU (cpu_counter.h), counting is a plain
// addition, and synchronize() makes every thread pass a barrier before it sums: a reader whose
// count-in that barrier did not push out does all its loads behind it, and sees everything
// written before synchronize() (swung slots, the closed flag). x86 keeps loads before the
// count-out, and the count-out behind the count-in. Elsewhere count-in is seq_cst to the same
// effect, and count-out is release, so that the reader's loads are done before it is counted
// out; synchronize() acquires it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/cpu_counter.h"
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
    explicit Guard(Epoch& e) : epoch_(e), side_(e.side_.load(std::memory_order_relaxed)) {
      if (e.add_here(e.per_cpu_[0].in[side_])) return;
      e.stripe().in[side_].fetch_add(1, std::memory_order_seq_cst);
#if !defined(__x86_64__)  // there the locked add is a full fence already
      std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    }
    ~Guard() {
      if (epoch_.add_here(epoch_.per_cpu_[0].out[side_])) return;
      epoch_.stripe().out[side_].fetch_add(1, std::memory_order_release);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Epoch& epoch_;
    unsigned side_;
  };

  Epoch();

  // Returns when every guard that existed at the call is gone. Not from inside a guard.
  void synchronize() STAVE_EXCLUDES(mutex_);

  // Guards so far, about: for statistics.
  [[nodiscard]] uint64_t entered() const;

 private:
  static constexpr size_t kStripes = 16;

  // `counter`: of the first stripe of per_cpu_.
  bool add_here(std::atomic<uint64_t>& counter) const {
    return add_on_this_cpu(reinterpret_cast<char*>(&counter), sizeof(Stripe), cpus_);
  }
  Stripe& stripe() {
    // The address of the thread's control block differs between live threads and costs nothing.
    auto self = reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
    return stripes_[(self * 0x9E3779B97F4A7C15ULL) >> 60];
  }
  void wait_for_side(unsigned side) STAVE_REQUIRES(mutex_);
  template <typename F>
  void for_stripes(F&& f) const {
    for (unsigned i = 0; i < cpus_; ++i) f(per_cpu_[i]);
    for (const Stripe& s : stripes_) f(s);
  }

  std::atomic<unsigned> side_{0};
  const unsigned cpus_;  // stripes in per_cpu_ that are used
  const std::unique_ptr<Stripe[]> per_cpu_;
  std::array<Stripe, kStripes> stripes_;  // by thread, where there is no counter for a CPU
  Mutex mutex_;                           // one synchronize at a time
};

}  // namespace stave
