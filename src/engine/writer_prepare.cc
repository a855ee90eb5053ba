// The writer's preparer: the next file, and blocks and pages ahead of the tail, so that no put
// makes a file, allocates or faults.

#include <algorithm>

#include "engine/writer.h"

namespace stave {
namespace {

// Whole huge pages, so that the kernel can map them as such: a random read then misses the TLB
// once less. One at a time: while pages are brought in, nobody may change the address space.
constexpr uint64_t kPrefaultStep = 2 << 20;
constexpr uint64_t kAheadMax = 32 << 20;
// Ahead by what was written in so much time. A page that a virtual machine had given back costs
// ten microseconds: then the writer is faster than we are, for a while.
constexpr uint64_t kAheadMicros = 100'000;

// Files are made in steps that may run out of memory on a thread of ours.
template <typename T>
Result<T> caught(const std::function<Result<T>()>& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Status(Code::no_memory, "out of memory while making the next data file");
  }
}

}  // namespace

std::chrono::milliseconds Writer::prepare_step() {
  bool make = false;
  uint64_t highest = 0;
  {
    MutexLock lock(mutex_);
    make = session_ && !next_ && !cancelled_ && !poisoned();
    preparing_ = make;
    highest = next_seq_ - 1;
  }
  if (make) {
    auto made =
        caught<std::shared_ptr<Segment>>([&] { return make_file(usual_length(), highest); });
    MutexLock lock(mutex_);
    preparing_ = false;
    if (made.ok()) {
      next_ = made.take();
      prepare_error_ = {};
    } else {
      prepare_error_ = made.status();
    }
    changed_.notify_all();
  }
  look_ahead();
  // After a failure (a full disk) try again by itself: space may return without a put.
  MutexLock lock(mutex_);
  return prepare_error_.ok() ? Worker::kUntilWoken : std::chrono::milliseconds(200);
}

void Writer::look_ahead() {
  std::shared_ptr<Segment> segment;
  std::shared_ptr<Segment> next;
  uint64_t tail = 0;
  uint64_t allocated = 0;
  {
    MutexLock lock(mutex_);
    if (!session_ || !active_ || poisoned() || !env_->options.background) return;
    segment = active_;
    next = next_;
    tail = tail_;
    allocated = allocated_;
  }
  (void)keydir_.prefault_ahead();
  const uint64_t ahead = ahead_of(*segment, tail);
  if (!allocate_ahead(segment, tail, ahead, &allocated)) return;
  if (segment->mapping() == nullptr) return;
  if (env_->options.sync == SyncMode::always) return;  // those records go by pwrite
  if (prefaulted_segment_ != segment) {
    prefaulted_segment_ = segment;
    prefaulted_ = tail / kPrefaultStep * kPrefaultStep;
  }
  prefaulted_ = std::max(prefaulted_, tail / kPrefaultStep * kPrefaultStep);
  const uint64_t upto = std::min(allocated, align_up(tail + ahead, kPrefaultStep));
  while (prefaulted_ < upto) {
    const uint64_t n = std::min(kPrefaultStep, upto - prefaulted_);
    segment->file().prefault(*segment->mapping(), prefaulted_, n);
    prefaulted_ += n;
  }
  if (next && next != prefaulted_next_) {
    next->file().prefault(*next->mapping(), 0, kPrefaultStep);
    prefaulted_next_ = next;
  }
}

// How far beyond the tail blocks and pages shall be ready, by how fast the tail moves.
uint64_t Writer::ahead_of(const Segment& segment, uint64_t tail) {
  const uint64_t now = env_->clock.now_us();
  const bool same = looked_id_ == segment.id();
  const uint64_t bytes = same ? tail - looked_tail_ : tail;
  const uint64_t micros = std::max<uint64_t>(now - looked_us_, 1);
  looked_id_ = segment.id();
  looked_tail_ = tail;
  looked_us_ = now;
  if (micros > kAheadMicros) return kPrefaultStep;
  return std::clamp(bytes * kAheadMicros / micros, kPrefaultStep, kAheadMax);
}

// False: the file is being sealed.
bool Writer::allocate_ahead(const std::shared_ptr<Segment>& segment, uint64_t tail, uint64_t ahead,
                            uint64_t* allocated) {
  const uint64_t step = env_->options.preallocate;
  const uint64_t limit = blocks_limit(*segment);
  while (*allocated < limit && *allocated - tail < std::max(step / 2, ahead)) {
    const uint64_t end = std::min(limit, *allocated + step);
    {
      MutexLock blocks(blocks_mutex_);
      if (segment->trimmed.load(std::memory_order_relaxed)) return false;
      if (!segment->file().allocate(*allocated, end - *allocated).ok()) return true;
    }
    MutexLock lock(mutex_);
    if (active_ == segment && allocated_ < end) allocated_ = end;
    *allocated = end;
  }
  return true;
}

}  // namespace stave
