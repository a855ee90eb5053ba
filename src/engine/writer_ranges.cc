// Deleting ranges: one record in the log, and the range on the list of those that wait for a sweep.

#include <algorithm>
#include <new>

#include "engine/writer.h"

namespace stave {

Status Writer::append_range(Bytes from, Bytes to, bool by_file) {
  const uint64_t size = record_size(from.size(), to.size(), false);
  const uint64_t offset = tail_;
  const uint64_t seq = next_seq_;
  // Before the first byte: what may run out of memory.
  auto listed = ranges_.with({{std::string(from), std::string(to), seq, offset}});
  encode_record(begin_record(size, by_file), active_->salt(),
                Record{Kind::range_tombstone, durable_flag(), seq, 0, from, to});
  STAVE_RETURN_IF_ERROR(end_record(size, by_file));
  ranges_.publish(std::move(listed));
  active_->counts.note_number(seq);
  if (active_->ends_in_mark.load(std::memory_order_relaxed)) {
    active_->ends_in_mark.store(false, std::memory_order_relaxed);
  }
  bump(&deletes_, 1);
  ++operations_;
  next_seq_ = seq + 1;
  last_seq_.store(seq, std::memory_order_release);
  kick();
  return {};
}

Status Writer::delete_range(Bytes from, Bytes to, SyncWish wish) {
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  uint64_t seq = 0;
  {
    MutexLock lock(mutex_);
    STAVE_RETURN_IF_ERROR(
        ready(record_size(from.size(), to.size(), false), 1, 0, Room::use_reserve));
    note_space();
    seq = next_seq_;
    STAVE_RETURN_IF_ERROR(append_range(from, to, by_file));
  }
  return finish(seq, synced);
}

Status Writer::clear(SyncWish wish, Cleared* out) {
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  const uint64_t size = record_size(0, 0, false);
  {
    MutexLock lock(mutex_);
    STAVE_RETURN_IF_ERROR(ready(size, 1, 0, Room::use_reserve));
    // So that all files before go, and not all but one. On a full disk that one stays.
    Status rotated;
    while (operations_ > 0 && rotated.ok()) rotated = rotate();
    if (!rotated.ok() && !rotated.is(Code::no_space)) return rotated;
    STAVE_RETURN_IF_ERROR(ready(size, 1, 0, Room::use_reserve));
    note_space();
    out->seq = next_seq_;
    out->active = active_;
    out->address = active_->address_of(tail_);
    STAVE_RETURN_IF_ERROR(append_range({}, {}, by_file));
    // A feed may go on with this operation, so it must be there whatever comes.
    const Status flushed = sync_file(*active_);
    if (!flushed.ok()) {
      poison(flushed);
      return flushed;
    }
    drop_files(out);
  }
  return finish(out->seq, synced);
}

// All before the active one. What fails is only made up for by merges: the log says that all is
// deleted, whichever MANIFEST the disk has. So nothing of it is the call's answer.
void Writer::drop_files(Cleared* out) {
  Status s;
  try {
    const SegmentList before = catalog_.version()->segments;
    SegmentList dropped(before.begin(), std::find(before.begin(), before.end(), active_));
    s = catalog_.drop_before(*active_, out->seq - 1);
    if (s.ok()) {
      out->dropped = std::move(dropped);
    } else {
      env_->log.write(LogLevel::warn, "clearing left the files to merges: " + s.message());
    }
  } catch (const std::bad_alloc&) {
  }
  if (out->dropped.empty()) return;
  for (const auto& segment : out->dropped) segment->set_obsolete();
  pending_.clear();
  sealed_bytes_ = 0;
  changed_.notify_all();
}

void Writer::change_ranges(const std::function<void(RangeDeletes&)>& change) {
  MutexLock lock(mutex_);
  change(ranges_);
}

}  // namespace stave
