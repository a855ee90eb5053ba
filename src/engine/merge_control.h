// The reins of a merge: pause, resume, cancel and the waiting that the rate cap asks for.
//
// Threads: everything by any thread; step() by the one that merges, with no lock held.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/rate_limiter.h"

namespace stave {

class MergeControl {
 public:
  explicit MergeControl(const Clock& clock) : clock_(clock) {}

  void pause() STAVE_EXCLUDES(mutex_);
  void resume() STAVE_EXCLUDES(mutex_);
  // For good: every step from now on is Code::cancelled.
  void cancel() STAVE_EXCLUDES(mutex_);
  [[nodiscard]] bool paused() const { return paused_.load(std::memory_order_acquire); }
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

  // One step of a merge is done and has moved `bytes`: waits as long as the limiter says and
  // while paused. Cheap when there is nothing to wait for.
  Status step(RateLimiter& limiter, uint64_t bytes) STAVE_EXCLUDES(mutex_);

 private:
  const Clock& clock_;
  // Read without the lock by step(); changed under it, so that no wake-up is lost.
  std::atomic<bool> paused_{false};
  std::atomic<bool> cancelled_{false};
  Mutex mutex_;
  CondVar changed_;
};

}  // namespace stave
