#include "engine/epoch.h"

#include <chrono>
#include <thread>

namespace stave {

Epoch::Epoch()
    : cpus_(cpu_counters()), per_cpu_(std::make_unique<Stripe[]>(cpus_ == 0 ? 1 : cpus_)) {}

void Epoch::wait_for_side(unsigned side) {
  for (unsigned round = 0;; ++round) {
    // Outs before ins: a reader that enters and leaves in between makes in > out, never less.
    uint64_t out = 0;
    uint64_t in = 0;
    for_stripes([&](const Stripe& s) { out += s.out[side].load(std::memory_order_seq_cst); });
    for_stripes([&](const Stripe& s) { in += s.in[side].load(std::memory_order_seq_cst); });
    if (in == out) return;
    if (round < 100) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
}

uint64_t Epoch::entered() const {
  uint64_t sum = 0;
  for_stripes([&](const Stripe& s) {
    for (const auto& in : s.in) sum += in.load(std::memory_order_relaxed);
  });
  return sum;
}

void Epoch::synchronize() {
  MutexLock lock(mutex_);
#if !defined(__x86_64__)  // the caller's stores before our counting, as in Guard
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  barrier_everywhere();
  // Twice: a reader may have read side_ just before the first flip and count itself in on that
  // side only after our sums; the second flip waits for it.
  for (int flip = 0; flip < 2; ++flip) {
    const unsigned old = side_.load(std::memory_order_relaxed);
    wait_for_side(old ^ 1U);
    side_.store(old ^ 1U, std::memory_order_seq_cst);
    wait_for_side(old);
  }
}

}  // namespace stave
