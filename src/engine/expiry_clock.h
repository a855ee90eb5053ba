// The clock that decides expiry: the wall clock, kept from bringing expired keys back.
//
// Invariants
//  X1. The mark is the highest time that expiry was decided by. It follows the wall clock upwards,
//      stays where it is while the wall clock is at most `expiry.clock_tolerance` behind it, and
//      otherwise is that much ahead of the wall clock. Now is the mark.
//  X2. MANIFEST holds the mark, at most about an hour old where records expire: after a restart
//      the clock goes on from there.
//  X3. Merges reclaim by the lower of now and the time since the open by the monotonic clock, so
//      that a wall clock which jumps ahead hides records, but destroys none.
// docs/decisions/0201-the-clock-of-expiry.md has the reasons.
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/mutex.h"
#include "engine/options.h"

namespace stave {

class ExpiryClock {
 public:
  ExpiryClock(const Clock& clock, const Options& options);
  ExpiryClock(const ExpiryClock&) = delete;
  ExpiryClock& operator=(const ExpiryClock&) = delete;

  // Unix time in milliseconds.
  [[nodiscard]] uint64_t now_ms() const;
  // Of a record's expiry, which may be 0: never.
  [[nodiscard]] bool expired(uint64_t expires_at_ms) const {
    return __builtin_expect(expires_at_ms != 0, 0) && is_past(expires_at_ms);
  }
  // When what is written now expires; far in the future at the most.
  [[nodiscard]] uint64_t after(uint64_t ttl_ms) const;
  // The same for a put that says nothing of it; 0: never.
  [[nodiscard]] uint64_t by_default() const {
    return default_ttl_ms_ == 0 ? 0 : after(default_ttl_ms_);
  }
  // Merges may drop what expired by then.
  [[nodiscard]] uint64_t reclaim_ms() const;

  // A mark that MANIFEST had.
  void learn(uint64_t mark_ms) const;
  // MANIFEST has this mark now.
  void note_saved(uint64_t mark_ms) const { saved_ms_.store(mark_ms, std::memory_order_relaxed); }
  // Records that expire were met.
  void note_use() const STAVE_EXCLUDES(first_use_mutex_) {
    if (__builtin_expect(!in_use(), 0)) first_used();
  }
  [[nodiscard]] bool in_use() const { return used_.load(std::memory_order_relaxed); }
  // The mark has moved on so far, and matters, that MANIFEST should have it.
  [[nodiscard]] bool save_due() const;

  // Called at the first use, on the thread that meets it, whatever that holds; at once if that was
  // before. When this returns, what was set before is not being called and never will be.
  void on_first_use(std::function<void()> call) const STAVE_EXCLUDES(first_use_mutex_);

  static constexpr uint64_t kSaveEveryMs = 3'600'000;

 private:
  [[nodiscard]] bool is_past(uint64_t expires_at_ms) const;
  void first_used() const STAVE_EXCLUDES(first_use_mutex_);

  const Clock& clock_;
  const uint64_t default_ttl_ms_;
  const uint64_t grace_ms_;
  const uint64_t tolerance_ms_;
  const uint64_t opened_wall_ms_;
  const uint64_t opened_us_;
  mutable std::atomic<uint64_t> mark_ms_{0};
  mutable std::atomic<uint64_t> saved_ms_{0};
  mutable std::atomic<bool> used_{false};
  mutable Mutex first_use_mutex_;
  mutable std::function<void()> at_first_use_ STAVE_GUARDED_BY(first_use_mutex_);
};

}  // namespace stave
