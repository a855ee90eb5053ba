#include "engine/merge_control.h"

#include <algorithm>

namespace stave {
namespace {

// The clock is injected and may move other than real time: it is looked at this often.
constexpr uint64_t kLookAgainUs = 50'000;

}  // namespace

void MergeControl::pause() {
  MutexLock lock(mutex_);
  paused_.store(true, std::memory_order_release);
}

void MergeControl::resume() {
  MutexLock lock(mutex_);
  paused_.store(false, std::memory_order_release);
  changed_.notify_all();
}

void MergeControl::cancel() {
  MutexLock lock(mutex_);
  cancelled_.store(true, std::memory_order_release);
  changed_.notify_all();
}

void MergeControl::enter_manual() {
  MutexLock lock(mutex_);
  ++manual_entered_;
  changed_.notify_all();
}

void MergeControl::leave_manual() {
  MutexLock lock(mutex_);
  --manual_entered_;
}

void MergeControl::enter_barrier() {
  MutexLock lock(mutex_);
  barriers_.fetch_add(1, std::memory_order_release);
  changed_.notify_all();
}

void MergeControl::leave_barrier() {
  MutexLock lock(mutex_);
  barriers_.fetch_sub(1, std::memory_order_release);
}

bool MergeControl::wants_way() {
  MutexLock lock(mutex_);
  return paused() || manual_entered_ > 0;
}

void MergeControl::set_manual(bool manual) {
  MutexLock lock(mutex_);
  manual_ = manual;
}

Status MergeControl::step(RateLimiter& limiter, uint64_t bytes) {
  const uint64_t until = bytes > 0 && limiter.limits() ? limiter.charge(bytes) : 0;
  if (until > 0 || paused()) {
    MutexLock lock(mutex_);
    while (!stopping()) {
      if (paused() && !manual_) {
        if (manual_entered_ > 0) {
          return {Code::cancelled, "a paused background merge gave way to a manual one"};
        }
        changed_.wait(mutex_);
        continue;
      }
      const uint64_t now = clock_.now_us();
      if (now >= until) break;
      changed_.wait_for(mutex_, std::chrono::microseconds(std::min(until - now, kLookAgainUs)));
    }
  }
  if (cancelled()) return {Code::cancelled, "the merge was cancelled: the store is closing"};
  if (stopping()) return {Code::cancelled, "the merge was cancelled: the store is being cleared"};
  return {};
}

}  // namespace stave
