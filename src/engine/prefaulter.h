// Brings in pages ahead of the writer's tail and of the keydir's growth, so that no put faults.
//
// On a thread that takes only processor time nobody else wants: where a virtual machine has to
// find the memory first, bringing in pages holds a whole processor without doing anything on it.
// A put that comes first faults for itself.
//
// Threads: all methods by any, but start() and stop().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "engine/keydir.h"
#include "engine/segment.h"
#include "engine/worker.h"

namespace stave {

// Whole huge pages, so that the kernel can map them as such: a random read then misses the TLB
// once less.
inline constexpr uint64_t kPrefaultStep = 2 << 20;

class Prefaulter {
 public:
  Prefaulter(Keydir& keydir, const Clock& clock) : keydir_(keydir), clock_(clock) {}

  Status start();
  void abandon() { worker_.abandon(); }
  void stop();

  // From now on: pages of `active` ahead of its tail, where it has blocks, which is below `upto`,
  // and the first ones of `next`. Either may be null.
  void aim(std::shared_ptr<Segment> active, uint64_t upto, std::shared_ptr<Segment> next)
      STAVE_EXCLUDES(mutex_);
  // The tail has moved on.
  void wake() { worker_.wake(); }
  // How far ahead of the tail, in bytes.
  [[nodiscard]] uint64_t ahead() const { return ahead_.load(std::memory_order_relaxed); }

 private:
  struct Aim {
    std::shared_ptr<Segment> active, next;
    uint64_t upto = 0;
  };
  void step() STAVE_EXCLUDES(mutex_);
  void look(const Segment& active);
  void fault_in(const Aim& aim);

  Keydir& keydir_;
  const Clock& clock_;
  Mutex mutex_;
  Aim aim_ STAVE_GUARDED_BY(mutex_);
  std::atomic<uint64_t> ahead_{kPrefaultStep};
  // The step's own.
  uint64_t looked_id_ = 0, looked_tail_ = 0, looked_us_ = 0;  // where and when the tail was seen
  uint64_t done_ = 0;                                         // of file done_id_
  uint64_t done_id_ = 0, done_next_id_ = 0;
  Worker worker_;
};

}  // namespace stave
