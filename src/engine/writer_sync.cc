// Durability: one leader at a time flushes the log for all who wait (W4).

#include <thread>

#include "engine/writer.h"

namespace stave {
namespace {

// Operations that may follow the log's last word about durability under sync=always: damage
// among them passes for a torn tail.
constexpr uint64_t kClaimLag = 16;

// Half of what a flush takes on a fast disk.
constexpr uint64_t kGatherMicros = 50;
constexpr int kGatherYieldsMax = 1000;  // whatever the clock says
constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

Status Writer::make_durable(uint64_t seq, bool gather) {
  bool led = false;
  sync_mutex_.lock();
  sync_callers_.fetch_add(1, kRelaxed);
  Status s;
  while (durable_seq_.load(std::memory_order_acquire) < seq) {
    if (poisoned()) {
      s = poison_status();
      break;
    }
    if (flushing_) {
      flushed_.wait(sync_mutex_);
      continue;
    }
    flushing_ = true;
    const unsigned group = gather ? sync_group_ : 0;
    sync_mutex_.unlock();
    unsigned callers = 0;
    uint64_t reached = 0;
    s = lead_flush(group, &callers, &reached);
    sync_mutex_.lock();
    flushing_ = false;
    sync_group_ = callers;
    if (s.ok()) durable_seq_.store(reached, std::memory_order_release);
    led = true;
    flushed_.notify_all();
    if (!s.ok()) break;
  }
  sync_callers_.fetch_sub(1, kRelaxed);
  sync_mutex_.unlock();
  STAVE_RETURN_IF_ERROR(s);
  // Where many write synced at once, hardly any record finds all before it durable.
  if (led && env_->options.sync == SyncMode::always) append_mark(kClaimLag);
  return {};
}

// Those whom the last flush served are writing again just now: with them, the next flush serves
// nearly all of them, and without, half.
void Writer::gather(unsigned group) const {
  if (group < 2) return;
  const uint64_t start = env_->clock.now_us();
  for (int i = 0; i < kGatherYieldsMax && sync_callers_.load(kRelaxed) < group &&
                  env_->clock.now_us() - start < kGatherMicros;
       ++i) {
    std::this_thread::yield();
  }
}

// Whatever the system calls it (a thin volume: no space), the operation stands in the log.
Status Writer::sync_file(const Segment& segment) {
  const Status s = segment.file().sync();
  if (s.ok()) return s;
  try {
    return {Code::io, s.message() + "; what was written may not be durable", s.system_errno()};
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::io);
  }
}

// The leader's part. Throws nothing, since others wait for its end.
Status Writer::lead_flush(unsigned group, unsigned* callers, uint64_t* reached) {
  bool begun = false;
  Status s;
  try {
    gather(group);
    *callers = sync_callers_.load(kRelaxed);
    const SegmentList files = unsynced_files(reached);
    begun = true;
    for (size_t i = 0; s.ok() && i < files.size(); ++i) {
      syncs_.fetch_add(1, kRelaxed);
      s = sync_file(*files[i]);
    }
    // Clearing syncs by itself, and the system tells of a failure once.
    if (s.ok() && poisoned()) s = poison_status();
  } catch (const std::bad_alloc&) {
    s = Status::answer(Code::no_memory);
  }
  if (begun && !s.ok()) poison(s);
  return s;
}

// Oldest first, the files with operations above durable_seq.
SegmentList Writer::unsynced_files(uint64_t* reached) {
  const uint64_t durable = durable_seq_.load(std::memory_order_acquire);
  SegmentList files;
  MutexLock lock(mutex_);
  *reached = last_seq_.load(kRelaxed);
  const auto take = [&](const std::shared_ptr<Segment>& segment) {
    if (segment->counts.last_seq.load(std::memory_order_acquire) > durable) {
      files.push_back(segment);
    }
  };
  for (const auto& segment : pending_) take(segment);
  if (active_) take(active_);
  return files;
}

Status Writer::sync() {
  STAVE_RETURN_IF_ERROR(make_durable(last_seq()));
  append_mark(1);
  return {};
}

void Writer::append_mark(uint64_t lag) {
  MutexLock lock(mutex_);
  const uint64_t durable = durable_seq();
  if (!session_ || poisoned() || operations_ == 0 || durable < claimed_seq_ + lag) return;
  // Not worth a rotation or new blocks: the next sync brings another.
  if (tail_ + kMarkSize > allocated_ || tail_ + kMarkSize > env_->options.max_file_size) return;
  const bool by_file = through_file(false);
  encode_record(begin_record(kMarkSize, by_file), active_->salt(),
                Record{Kind::mark, 0, durable, 0, {}, {}});
  if (!end_record(kMarkSize, by_file).ok()) return;
  claimed_seq_ = durable;
  active_->ends_in_mark.store(true, std::memory_order_relaxed);
}

void Writer::poison(const Status& why) {
  {
    MutexLock lock(poison_mutex_);
    if (poisoned()) return;
    poisoned_.store(true, std::memory_order_release);  // before what may run out of memory
    poison_ = Status::answer(Code::poisoned);
    try {
      poison_ = Status(Code::poisoned, "an earlier sync or write failed (" + why.message() +
                                           "); close and reopen the store to write again");
    } catch (const std::bad_alloc&) {  // the code says enough
    }
  }
  seal_worker_.wake();  // who passes on to those who wait for a file that they wait in vain
  try {
    env_->log.write(LogLevel::error, "the store takes no more writes: " + why.message());
  } catch (const std::bad_alloc&) {
  }
}

Status Writer::poison_status() {
  MutexLock lock(poison_mutex_);
  return poison_;
}

}  // namespace stave
