// Sealing: a file that takes no more records becomes durable, gets its hint, and is marked
// sealed in MANIFEST, in that order (C2). On the sealer's thread; the runs that the hint is made
// of, and iterators until then, come from a thread that never waits for the disk.

#include <algorithm>

#include "engine/hint_file.h"
#include "engine/tail_index.h"
#include "engine/writer.h"

namespace stave {

std::chrono::milliseconds Writer::seal_step() {
  constexpr std::chrono::milliseconds kRetry{200};
  while (true) {
    std::shared_ptr<Segment> segment;
    {
      MutexLock lock(mutex_);
      if (cancelled_ || poisoned()) {
        changed_.notify_all();
        return Worker::kUntilWoken;
      }
      if (!pending_.empty()) segment = pending_.front();
      if (segment) {
        ++seal_attempts_;
        seal_error_ = Status();
      }
    }
    if (!segment) break;
    Status s;
    try {
      s = seal(*segment);
    } catch (const std::bad_alloc&) {
      s = Status(Code::no_memory, "out of memory");
    }
    {
      MutexLock lock(mutex_);
      seal_error_ = s;
      // A clear may have dropped it meanwhile.
      if (s.ok() && !pending_.empty() && pending_.front() == segment) pending_.pop_front();
      changed_.notify_all();
    }
    if (!s.ok()) {
      env_->log.write(LogLevel::error, "sealing " + segment->path() + ": " + s.message());
      return kRetry;
    }
  }
  return Worker::kUntilWoken;
}

Status Writer::seal(Segment& segment) {
  const uint64_t last = segment.counts.last_seq.load(std::memory_order_acquire);
  // Others may come to wait for this flush, and we are in no hurry by our priority: what can be
  // written before it is, and nobody is waited for.
  if (durable_seq() < last) segment.file().start_writeback(0, segment.tail());
  const std::shared_ptr<TailIndex> index = segment.tail_index;
  // Meanwhile. Should it fail, it is tried again for the hint.
  if (!segment.has_hint()) (void)index->extend(segment, segment.tail(), true);
  STAVE_RETURN_IF_ERROR(make_durable(last, false));
  // MANIFEST is about to vouch for every byte, the mark after the last operation included.
  if (segment.ends_in_mark.load(std::memory_order_relaxed)) {
    Status s = segment.file().sync();
    if (!s.ok()) poison(s);
    STAVE_RETURN_IF_ERROR(s);
  }
  // Blocks allocated ahead go back, before the hint needs some; what MANIFEST says is the length,
  // so this may fail.
  {
    MutexLock blocks(blocks_mutex_);
    segment.trimmed.store(true, std::memory_order_relaxed);
    (void)segment.file().truncate(segment.tail());
  }
  if (!segment.has_hint()) {
    Status s = index->extend(segment, segment.tail(), true);
    if (s.ok()) s = write_hint(*env_, segment, *index);
    // The hint is derived: without it the next open or merge makes it from the data.
    if (!s.ok()) {
      env_->log.write(LogLevel::warn, "no hint for " + segment.path() + ": " + s.message());
    }
  }
  STAVE_RETURN_IF_ERROR(catalog_.seal(segment));
  segment.set_sealed();
  if (segment.has_hint()) segment.tail_index->release();  // the hint serves from now on
  return {};
}

std::chrono::milliseconds Writer::index_step() {
  while (true) {
    std::shared_ptr<Segment> segment;
    bool all = false;
    {
      MutexLock lock(mutex_);
      if (cancelled_ || poisoned()) break;
      for (const auto& full : pending_) {
        if (full->tail_index->covered() == full->tail()) continue;
        segment = full;
        all = true;
        break;
      }
      // Looking for a whole run costs as much as making it: not after every put.
      if (!segment && std::exchange(index_due_, false)) segment = active_;
    }
    if (!segment) break;
    Status s;
    try {
      s = segment->tail_index->extend(*segment, segment->tail(), all);
    } catch (const std::bad_alloc&) {
      s = Status(Code::no_memory, "out of memory");
    }
    if (!s.ok()) {
      env_->log.write(LogLevel::error, "indexing " + segment->path() + ": " + s.message());
      break;
    }
  }
  return Worker::kUntilWoken;
}

Status Writer::rotate_now() {
  MutexLock lock(mutex_);
  if (poisoned()) return poison_status();
  if (!active_) return {};
  if (!session_) {
    if (!active_->holds_operations()) return {};
    STAVE_RETURN_IF_ERROR(begin_session());
  }
  if (operations_ == 0) return {};
  return rotate();
}

Status Writer::wait_sealed() {
  uint64_t seals = 0;
  {
    MutexLock lock(mutex_);
    seals = seal_attempts_;
  }
  if (!env_->options.background) housekeep();
  MutexLock lock(mutex_);
  if (pending_.empty()) return {};
  // Not for what others fill meanwhile: that might never end.
  const std::shared_ptr<Segment> last = pending_.back();
  while (std::find(pending_.begin(), pending_.end(), last) != pending_.end()) {
    if (cancelled_) return {Code::cancelled, "the store is being closed"};
    if (poisoned()) return poison_status();
    if (!seal_error_.ok() && seal_attempts_ > seals) return seal_error_;
    seal_worker_.wake();
    changed_.wait(mutex_);
  }
  return {};
}

Status Writer::close(bool* session) {
  prepare_worker_.stop();
  prefaulter_.stop();
  interval_worker_.stop();
  seal_worker_.stop();
  index_worker_.stop();
  std::shared_ptr<Segment> active;
  std::shared_ptr<Segment> next;
  std::deque<std::shared_ptr<Segment>> pending;
  {
    MutexLock lock(mutex_);
    *session = session_;
    if (!session_) return {};
    if (poisoned()) return poison_status();
    give_back(kMarkSize);  // what follows changes MANIFEST
    active = active_;
    next = std::exchange(next_, nullptr);
    pending = pending_;
  }
  STAVE_RETURN_IF_ERROR(make_durable(last_seq()));
  for (const auto& segment : pending) STAVE_RETURN_IF_ERROR(seal(*segment));
  if (next) STAVE_RETURN_IF_ERROR(discard_file(next));
  append_mark(1);  // so that what is whole now is known to have been, whatever befalls it
  const bool empty = !active->holds_operations();
  MutexLock lock(mutex_);
  pending_.clear();
  if (empty) {
    active_ = nullptr;
    return discard_file(active);
  }
  MutexLock blocks(blocks_mutex_);
  STAVE_RETURN_IF_ERROR(active->file().truncate(active->tail()));
  // The length, and a mark that may stand after the last synced record.
  return active->file().sync();
}

}  // namespace stave
