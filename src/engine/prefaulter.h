// Brings in pages of data files ahead of the writer's tail, so that no put faults.
//
// On a thread of the lowest priority: where a virtual machine has to find the memory first,
// bringing in pages holds a whole processor without doing anything on it. A put that comes first
// faults for itself.
//
// Threads: all methods by any, but start() and stop().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "engine/segment.h"
#include "engine/worker.h"

namespace stave {

// Whole huge pages, so that the kernel can map them as such: a random read then misses the TLB
// once less.
inline constexpr uint64_t kPrefaultStep = 2 << 20;

class Prefaulter {
 public:
  explicit Prefaulter(const Clock& clock) : clock_(clock) {}

  Status start();
  void abandon();
  void stop();

  // From now on: pages of `active` ahead of its tail, where it has blocks, which is below `upto`,
  // and the first ones of `next`. Either may be null. Files are not kept for it.
  void aim(const std::shared_ptr<Segment>& active, uint64_t upto,
           const std::shared_ptr<Segment>& next) STAVE_EXCLUDES(mutex_);
  // The tail has moved on.
  void wake() {
    woken_us_.store(clock_.now_us(), std::memory_order_relaxed);
    worker_.wake();
  }
  // Whether pages of that file up to `end` were brought in. A hint.
  [[nodiscard]] bool ready(uint64_t file_id, uint64_t end) const {
    const uint64_t ready = ready_.load(std::memory_order_relaxed);
    return ready >> kOffsetBits == (file_id & (~0ULL >> kOffsetBits)) &&
           end <= (ready & ((1ULL << kOffsetBits) - 1));
  }
  // How far ahead of the tail, in bytes.
  [[nodiscard]] uint64_t ahead() const { return ahead_.load(std::memory_order_relaxed); }

 private:
  struct Aim {
    std::weak_ptr<Segment> active, next;
    uint64_t upto = 0;
  };
  static constexpr unsigned kOffsetBits = 34;  // files have 4 GiB at most
  void step() STAVE_EXCLUDES(mutex_);
  void look(const Segment& active);
  bool fault_in(const Aim& aim);

  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> woken_us_{0};
  Mutex mutex_;
  Aim aim_ STAVE_GUARDED_BY(mutex_);
  std::atomic<uint64_t> ready_{0};  // low bits of a file's id, offset
  std::atomic<uint64_t> ahead_{kPrefaultStep};
  // The step's own.
  uint64_t looked_id_ = 0, looked_tail_ = 0, looked_us_ = 0;  // where and when the tail was seen
  uint64_t done_ = 0;                                         // of file done_id_
  uint64_t done_id_ = 0, done_next_id_ = 0;
  Worker worker_;
};

}  // namespace stave
