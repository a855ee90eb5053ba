// The writer's preparer: the next file, and blocks ahead of the tail, so that no put makes a file
// or allocates; it tells the prefaulter which pages to bring in.

#include <algorithm>

#include "engine/merge_need.h"
#include "engine/writer.h"

namespace stave {
namespace {

constexpr uint64_t kPage = 4096;
// Of the store's bytes, at most one file's half.
constexpr uint64_t kReservePart = 16;

// Throws nothing: puts wait for what comes of it.
template <typename Body>
auto caught(const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);  // a text would need memory
  } catch (...) {
    return Status::answer(Code::internal);
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
    keep_clock();                    // where no thread does it
  } catch (const std::bad_alloc&) {  // the next step tries again
  }
  MutexLock lock(mutex_);
  in_prepare_step_ = false;
  changed_.notify_all();
  // After a failure (a full disk) try again by itself: space may return without a put.
  if (!prepare_error_.ok()) return std::chrono::milliseconds(200);
  return Worker::kUntilWoken;
}

// A clock that goes back must find the mark in MANIFEST, whatever becomes of this process. Also
// without a session: MANIFEST says what it said otherwise.
void Writer::keep_clock() {
  if (!env_->expiry.save_due()) return;
  {
    MutexLock lock(mutex_);
    if (cancelled_ || poisoned()) return;
  }
  const Status s = catalog_.save_clock();
  if (s.ok()) return;
  env_->log.write(LogLevel::warn, "keeping the time in MANIFEST: " + s.message());
  env_->expiry.note_saved(env_->expiry.now_ms());  // again in an hour
}

void Writer::make_next() {
  uint64_t highest = 0;
  uint64_t least = 0;
  uint64_t bytes = 0;
  {
    // Not for longer: it keeps merged files on the disk.
    const std::shared_ptr<const Version> version = catalog_.version();
    bytes = note_space_use(*version, &env_->pressure);
    env_->pressure.note_growth(env_->clock.now_us());
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
  auto made = caught([&] { return make_file(usual_length(), highest, least); });
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
    next_ = nullptr;  // the last to hold it, but for a prefaulter's piece
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
  if (!allocate_ahead(segment, tail, &allocated)) segment = nullptr;
  if (env_->options.sync == SyncMode::always) segment = next = nullptr;  // these go by pwrite
  prefaulter_.aim(segment, allocated, next);
}

// How far beyond the tail blocks shall be ready.
uint64_t Writer::wanted_ahead() const {
  return std::max(env_->options.preallocate / 2, prefaulter_.ahead());
}

// False: the file is being sealed.
bool Writer::allocate_ahead(const std::shared_ptr<Segment>& segment, uint64_t tail,
                            uint64_t* allocated) {
  const uint64_t step = env_->options.preallocate;
  const uint64_t limit = blocks_limit(*segment);
  while (*allocated < limit && *allocated - tail < wanted_ahead()) {
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
