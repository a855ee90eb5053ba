#include "engine/prefaulter.h"

#include <algorithm>
#include <utility>

namespace stave {
namespace {

constexpr uint64_t kAheadMax = 32 << 20;
// Ahead by what was written in so much time. A page that a virtual machine had given back costs
// ten microseconds: then the writer is faster than we are, for a while.
constexpr uint64_t kAheadMicros = 100'000;

}  // namespace

Status Prefaulter::start() {
  return worker_.start(
      "stave-prefault",
      [this] {
        step();
        return Worker::kUntilWoken;
      },
      Worker::Haste::spare);
}

void Prefaulter::stop() {
  worker_.stop();
  MutexLock lock(mutex_);
  aim_ = {};
}

void Prefaulter::aim(std::shared_ptr<Segment> active, uint64_t upto,
                     std::shared_ptr<Segment> next) {
  {
    MutexLock lock(mutex_);
    // The old ones go when the lock is given back.
    std::swap(aim_.active, active);
    std::swap(aim_.next, next);
    aim_.upto = upto;
  }
  worker_.wake();
}

void Prefaulter::step() {
  Aim aim;
  {
    MutexLock lock(mutex_);
    aim = aim_;
  }
  (void)keydir_.prefault_ahead();
  if (aim.active) look(*aim.active);
  fault_in(aim);
}

void Prefaulter::look(const Segment& active) {
  const uint64_t now = clock_.now_us();
  const uint64_t tail = active.tail();
  const bool same = std::exchange(looked_id_, active.id()) == active.id();
  const uint64_t bytes = same ? tail - looked_tail_ : tail;
  const uint64_t micros = std::max<uint64_t>(now - looked_us_, 1);
  looked_tail_ = tail;
  looked_us_ = now;
  const uint64_t ahead = micros > kAheadMicros
                             ? kPrefaultStep
                             : std::clamp(bytes * kAheadMicros / micros, kPrefaultStep, kAheadMax);
  ahead_.store(ahead, std::memory_order_relaxed);
}

void Prefaulter::fault_in(const Aim& aim) {
  if (aim.active && aim.active->mapping() != nullptr) {
    const Segment& segment = *aim.active;
    if (std::exchange(done_id_, segment.id()) != segment.id()) done_ = 0;
    // One step at a time: while pages are brought in, nobody may change the address space.
    while (true) {
      const uint64_t tail = segment.tail();  // it may overtake
      done_ = std::max(done_, tail / kPrefaultStep * kPrefaultStep);
      const uint64_t upto = std::min(aim.upto, align_up(tail + ahead(), kPrefaultStep));
      if (done_ >= upto) break;
      const uint64_t n = std::min(kPrefaultStep, upto - done_);
      segment.file().prefault(*segment.mapping(), done_, n);
      done_ += n;
    }
  }
  if (aim.next && aim.next->mapping() != nullptr &&
      std::exchange(done_next_id_, aim.next->id()) != aim.next->id()) {
    aim.next->file().prefault(*aim.next->mapping(), 0, kPrefaultStep);
  }
}

}  // namespace stave
