// The writer's preparer: the next file, and blocks and pages ahead of the tail, so that no put
// makes a file, allocates or faults.

#include <algorithm>

#include "engine/writer.h"

namespace stave {
namespace {

// Whole huge pages, so that the kernel can map them as such: a random read then misses the TLB
// once less. One at a time: while pages are brought in, nobody may change the address space.
constexpr uint64_t kPrefaultStep = 2 << 20;
constexpr uint64_t kPage = 4096;
// Of the store's bytes, at most one file's half.
constexpr uint64_t kReservePart = 16;
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
  {
    MutexLock lock(mutex_);
    in_prepare_step_ = true;
  }
  try {
    make_next();
    look_ahead();
  } catch (const std::bad_alloc&) {  // the next step tries again
  }
  MutexLock lock(mutex_);
  in_prepare_step_ = false;
  changed_.notify_all();
  // After a failure (a full disk) try again by itself: space may return without a put.
  return prepare_error_.ok() ? Worker::kUntilWoken : std::chrono::milliseconds(200);
}

void Writer::make_next() {
  uint64_t highest = 0;
  uint64_t least = 0;
  uint64_t bytes = 0;
  {
    // Not for longer: it keeps merged files on the disk.
    const std::shared_ptr<const Version> version = catalog_.version();
    for (const auto& segment : version->segments) bytes += segment->tail();
  }
  {
    MutexLock lock(mutex_);
    sealed_bytes_ = bytes - std::min(bytes, tail_);
    if (!session_ || next_ || cancelled_ || poisoned() || (held_ && rotating_ == 0)) return;
    preparing_ = true;
    ++prepare_attempts_;
    prepare_error_ = Status();
    least = held_ ? 1 : reserve();
    highest = next_seq_ - 1;
  }
  auto made =
      caught<std::shared_ptr<Segment>>([&] { return make_file(usual_length(), highest, least); });
  MutexLock lock(mutex_);
  preparing_ = false;
  prepare_error_ = made.status();
  if (made.ok()) next_ = made.take();
  note_space();
  changed_.notify_all();
}

// What puts leave to deletes and merges: blocks behind the tail or, where the file ends, the next
// file's. A share of the store, so that merges have room enough to begin with.
uint64_t Writer::reserve() const {
  const uint64_t most = std::min(env_->options.preallocate, usual_length() / 2);
  return std::max(std::min((sealed_bytes_ + tail_) / kReservePart, most), kReserveMin);
}

// no_space while there is none for a next file. What was tried before the call may have met a
// disk that was fuller than it is now.
Status Writer::wait_for_next() {
  const bool background = env_->options.background;
  const uint64_t attempts = prepare_attempts_;
  const Counted counted(&rotating_);
  while (!next_) {
    if (cancelled_) return {Code::cancelled, "the store is being closed"};
    if (poisoned()) return poison_status();
    if (background && !prepare_error_.ok() && prepare_attempts_ > attempts) return prepare_error_;
    if (!background && !preparing_) {
      auto made = make_file(usual_length(), next_seq_ - 1, held_ ? 1 : reserve());
      if (!made.ok()) return made.status();
      next_ = made.take();
      continue;
    }
    prepare_worker_.wake();
    changed_.wait(mutex_);
  }
  return {};
}

void Writer::hold_ahead(bool held, uint64_t reserve) {
  MutexLock lock(mutex_);
  held ? ++held_ : --held_;
  if (held_ == 0) prepare_worker_.wake();
  while (held && in_prepare_step_) changed_.wait(mutex_);
  if (!held || !session_ || poisoned() || cancelled_) return;
  give_back(reserve);
  // Needs a MANIFEST, and with it some room.
  if (next_ && rotating_ == 0 && discard_file(next_).ok()) {
    next_ = nullptr;
    note_space();
  }
}

void Writer::give_back(uint64_t reserve) {
  const uint64_t end = align_up(tail_ + reserve, kPage);
  if (end >= allocated_) return;
  MutexLock blocks(blocks_mutex_);
  if (!active_->file().truncate(end).ok()) return;
  allocated_ = end;
  note_space();
}

void Writer::look_ahead() {
  std::shared_ptr<Segment> segment;
  std::shared_ptr<Segment> next;
  uint64_t tail = 0;
  uint64_t allocated = 0;
  {
    MutexLock lock(mutex_);
    if (!session_ || !active_ || poisoned() || held_ || !env_->options.background) return;
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
  if (prefaulted_id_ != segment->id()) {
    prefaulted_id_ = segment->id();
    prefaulted_ = tail / kPrefaultStep * kPrefaultStep;
  }
  prefaulted_ = std::max(prefaulted_, tail / kPrefaultStep * kPrefaultStep);
  const uint64_t upto = std::min(allocated, align_up(tail + ahead, kPrefaultStep));
  while (prefaulted_ < upto) {
    const uint64_t n = std::min(kPrefaultStep, upto - prefaulted_);
    segment->file().prefault(*segment->mapping(), prefaulted_, n);
    prefaulted_ += n;
  }
  if (next && next->id() != prefaulted_next_id_) {
    next->file().prefault(*next->mapping(), 0, kPrefaultStep);
    prefaulted_next_id_ = next->id();
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
