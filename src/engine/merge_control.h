// The reins of a merge: pause, resume, cancel and the waiting that the rate cap asks for.
//
// Pausing is for background merges. One that is held in its middle would also hold the manual
// merge that waits behind it, so it gives up (and is begun again later) as soon as there is one.
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
  // A manual merge has come, and waits or runs until left; they nest.
  void enter_manual() STAVE_EXCLUDES(mutex_);
  void leave_manual() STAVE_EXCLUDES(mutex_);
  // Merges shall end, and none begin, until left; they nest.
  void enter_barrier() STAVE_EXCLUDES(mutex_);
  void leave_barrier() STAVE_EXCLUDES(mutex_);
  // Whose steps come from now on.
  void set_manual(bool manual) STAVE_EXCLUDES(mutex_);
  [[nodiscard]] bool paused() const { return paused_.load(std::memory_order_acquire); }
  // Background merges should not begin another round: paused, or a manual merge waits.
  [[nodiscard]] bool wants_way() STAVE_EXCLUDES(mutex_);
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  // What is at work should end early.
  [[nodiscard]] bool stopping() const {
    return cancelled() || barriers_.load(std::memory_order_acquire) > 0;
  }

  // One step of a merge is done and has moved `bytes`: waits as long as the limiter says and, in
  // the background, while paused. Cheap when there is nothing to wait for. cancelled: end here.
  Status step(RateLimiter& limiter, uint64_t bytes) STAVE_EXCLUDES(mutex_);

 private:
  const Clock& clock_;
  // Read without the lock by step(); changed under it, so that no wake-up is lost.
  std::atomic<bool> paused_{false};
  std::atomic<bool> cancelled_{false};
  std::atomic<unsigned> barriers_{0};
  Mutex mutex_;
  CondVar changed_;
  bool manual_ STAVE_GUARDED_BY(mutex_) = false;
  unsigned manual_entered_ STAVE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stave
