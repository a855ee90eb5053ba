#include "engine/prefaulter.h"

#include <algorithm>
#include <utility>

namespace stave {
namespace {

constexpr uint64_t kAheadMax = 32 << 20;
// Ahead by what was written in so much time. A page that a virtual machine had given back costs
// ten microseconds: then the writer is faster than we are, for a while.
constexpr uint64_t kAheadMicros = 100'000;
constexpr uint64_t kLateUs = 300;

}  // namespace

Status Prefaulter::start() {
  return worker_.start(
      "stave-prefault",
      [this] {
        step();
        return Worker::kUntilWoken;
      },
      Worker::Haste::whenever);
}

void Prefaulter::abandon() {
  stopping_.store(true, std::memory_order_relaxed);
  worker_.abandon();
}

void Prefaulter::stop() {
  abandon();
  worker_.stop();
}

void Prefaulter::aim(const std::shared_ptr<Segment>& active, uint64_t upto,
                     const std::shared_ptr<Segment>& next) {
  {
    MutexLock lock(mutex_);
    aim_ = {active, next, upto};
  }
  wake();
}

void Prefaulter::step() {
  Aim aim;
  {
    MutexLock lock(mutex_);
    aim = aim_;
  }
  if (const auto active = aim.active.lock()) look(*active);
  // Late: others have the processors. What we did on one would be taken from them, and while we
  // wait for it nobody may change the address space.
  if (clock_.now_us() > woken_us_.load(std::memory_order_relaxed) + kLateUs) return;
  while (fault_in(aim)) {
  }
  const auto next = aim.next.lock();
  if (next && next->mapping() != nullptr &&
      std::exchange(done_next_id_, next->id()) != next->id()) {
    next->file().prefault(*next->mapping(), 0, kPrefaultStep);
  }
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

// One piece; false: there was none. The file is held, and the address space, for no longer.
bool Prefaulter::fault_in(const Aim& aim) {
  const auto active = aim.active.lock();
  if (!active || active->mapping() == nullptr || stopping_.load(std::memory_order_relaxed) ||
      active->trimmed.load(std::memory_order_relaxed)) {
    return false;
  }
  if (std::exchange(done_id_, active->id()) != active->id()) done_ = 0;
  const uint64_t tail = active->tail();  // it may overtake
  done_ = std::max(done_, tail / kPrefaultStep * kPrefaultStep);
  const uint64_t upto = std::min(aim.upto, align_up(tail + ahead(), kPrefaultStep));
  if (done_ >= upto) return false;
  const uint64_t n = std::min(kPrefaultStep, upto - done_);
  active->file().prefault(*active->mapping(), done_, n);
  done_ += n;
  ready_.store(active->id() << kOffsetBits | done_, std::memory_order_relaxed);
  return true;
}

}  // namespace stave
