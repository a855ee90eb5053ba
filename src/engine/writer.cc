#include "engine/writer.h"

#include <algorithm>
#include <chrono>

#include "engine/tail_index.h"
#include "format/crc32c_fast.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Blocks that deletes leave, so that the file can be sealed and another one made even then.
constexpr uint64_t kRotateReserve = 8 << 10;
constexpr uint64_t kKickStep = 1 << 20;
constexpr uint64_t kPauseStep = 256 << 10;

}  // namespace

bool Writer::wants_sync(SyncWish wish) const {
  if (wish == SyncWish::store_default) return env_->options.sync == SyncMode::always;
  return wish == SyncWish::sync;
}

// Synced records go by pwrite also in mapped mode: a store into a mapping dirties, and fdatasync
// then writes back, a whole large folio (docs/durability.md).
bool Writer::through_file(bool synced) const {
  return synced || env_->options.io == Io::positional;
}

bool Writer::fits_now(uint64_t size) const {
  return tail_ + size <= fits_below_ && operations_ < env_->options.max_file_entries;
}

bool Writer::fits_now(uint64_t size, const Digest& d) const {
  return fits_now(size) && !poisoned() && keydir_.has_room(d);
}

// What of the active file puts may fill as it is. In positional mode a file is also full when its
// keys are many bytes: that is for find_file.
void Writer::note_space() {
  const uint64_t end = std::min({allocated_, capacity(), env_->options.max_file_size});
  // Where the file ends, the next one is the reserve.
  const bool at_end = next_ && allocated_ >= std::min(capacity(), env_->options.max_file_size);
  const uint64_t spare = at_end ? 0 : reserve();
  const bool simple = session_ && env_->options.io == Io::mapped && end > spare;
  fits_below_ = simple && pause_until_us_ == 0 ? end - spare : 0;
}

// Where the threads behind the writer cannot keep up, it is held up in small pieces before it has
// to stop for long: by so much for each kPauseStep since the last time.
void Writer::plan_pause() {
  constexpr uint64_t kNearlyFullUs = 500;
  if (!env_->options.background) return;
  const uint64_t sealing_us =
      pending_.size() + 1 >= env_->options.max_unsealed_files ? kNearlyFullUs : 0;
  const uint64_t each_us = std::max(sealing_us, env_->pressure.put_pause_us());
  if (each_us == 0) return;
  const uint64_t us = each_us * (tail_ - kicked_) / kPauseStep;
  pause_until_us_ = std::max(pause_until_us_, env_->clock.now_us()) + us;
  fits_below_ = 0;
}

void Writer::pause() {
  const uint64_t now = env_->clock.now_us();
  const uint64_t until = pause_until_us_;
  if (now < until) {
    // By real time: an injected clock may stand still.
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(until - now);
    while (!cancelled_ && !poisoned()) {
      const auto at = std::chrono::steady_clock::now();
      if (at >= end) break;
      changed_.wait_for(mutex_, end - at);
    }
  }
  if (pause_until_us_ == until) pause_until_us_ = 0;
  note_space();
}

Status Writer::ready(uint64_t size, uint64_t operations, uint64_t key_bytes, Room room) {
  if (pause_until_us_ > 0 && room == Room::spare_reserve) pause();
  if (__builtin_expect(poisoned(), 0)) return poison_status();
  if (__builtin_expect(!session_, 0)) STAVE_RETURN_IF_ERROR(begin_session());
  STAVE_RETURN_IF_ERROR(find_file(size, operations, key_bytes));
  uint64_t spare = kRotateReserve;
  if (room == Room::spare_reserve) {
    spare = reserve();
    if (!next_ && tail_ + size + spare > blocks_limit(*active_)) {
      STAVE_RETURN_IF_ERROR(wait_for_next());
      if (poisoned()) return poison_status();
      STAVE_RETURN_IF_ERROR(find_file(size, operations, key_bytes));  // others went on meanwhile
    }
  }
  if (__builtin_expect(tail_ + size + spare > allocated_, 0)) {
    Status s = extend_blocks(tail_ + size, spare);
    if (s.is(Code::no_space) && preparing_) {
      // A file that is being made may hold, for a moment, more than it gets.
      while (preparing_) changed_.wait(mutex_);
      STAVE_RETURN_IF_ERROR(find_file(size, operations, key_bytes));
      s = extend_blocks(tail_ + size, spare);
    }
    // The blocks of the file made ahead are a second reserve.
    if (s.is(Code::no_space) && room == Room::use_reserve && next_ && operations_ > 0) {
      STAVE_RETURN_IF_ERROR(rotate());
      s = tail_ + size + spare > allocated_ ? extend_blocks(tail_ + size, spare) : Status();
    }
    return s;
  }
  return {};
}

char* Writer::begin_record(uint64_t size, bool through_file) {
  if (!through_file) return active_->mapped() + tail_;
  if (scratch_.size() < size) scratch_.resize(size);
  return scratch_.data();
}

Status Writer::end_record(uint64_t size, bool through_file) {
  if (through_file) {
    Status s = active_->file().write(tail_, Bytes(scratch_.data(), size));
    constexpr size_t kScratchKeep = 1 << 20;
    if (scratch_.size() > kScratchKeep) scratch_ = std::string();
    if (!s.ok()) {
      // Blocks were allocated, so this is no full disk on the file systems that we trust. Part
      // of the record may be there: nothing may be appended over it.
      poison(s);
      return s;
    }
  }
  tail_ += size;
  active_->publish_tail(tail_);
  return {};
}

// kFlagDurable if that is true of what stands before the next record. Not where numbers jump,
// after an unclean end: there the flag would speak of numbers that nothing ever had (R3).
uint8_t Writer::durable_flag() {
  const uint64_t last = last_seq_.load(kRelaxed);
  if (durable_seq_.load(kRelaxed) < last || next_seq_ != last + 1) return 0;
  claimed_seq_ = last;
  return kFlagDurable;
}

void Writer::apply(const Operation& op, const Digest& d, uint64_t offset, uint64_t size,
                   uint64_t seq) {
  SegmentCounts& counts = active_->counts;
  counts.add_operation(size, seq);
  Slot previous;
  bool had = false;
  if (op.kind == Kind::put) {
    const unsigned cls = size_class(size);
    counts.add_live(size, cls);
    had = keydir_.put(d, Slot{active_->address_of(offset), cls}, &previous);
    puts_.store(puts_.load(kRelaxed) + 1, kRelaxed);
  } else {
    counts.tombstones.store(counts.tombstones.load(kRelaxed) + 1, kRelaxed);
    had = keydir_.erase(d, &previous);
    deletes_.store(deletes_.load(kRelaxed) + 1, kRelaxed);
  }
  // Safe outside of an epoch: a merge passes through mutex_ between its swing and unbinding.
  if (had) space_.segment_at(previous.address)->counts.remove_live(previous.size_class);
  if (active_->ends_in_mark.load(kRelaxed)) active_->ends_in_mark.store(false, kRelaxed);
  ++operations_;
  key_bytes_ += op.key.size();
}

inline void Writer::conclude(const Operation& op, const Digest& d, uint64_t offset, uint64_t size) {
  const uint64_t seq = next_seq_;
  apply(op, d, offset, size, seq);
  next_seq_ = seq + 1;
  last_seq_.store(seq, std::memory_order_release);
  kick();
}

void Writer::kick_others() {
  if (feeds_waiting_ > 0) appended_.notify_all();
  if (tail_ >= work_at_) {
    plan_pause();
    kicked_ = tail_;
    work_at_ = tail_ + (pause_until_us_ > 0 ? kPauseStep : kKickStep);
    prefaulter_.wake();
    if (!next_ || allocated_ - tail_ < wanted_ahead()) prepare_worker_.wake();
  }
  kick_at_ = feeds_waiting_ > 0 ? 0 : work_at_;
}

void Writer::kick() {
  if (__builtin_expect(tail_ >= kick_at_, 0)) kick_others();
  if (__builtin_expect(operations_ >= index_at_, 0)) {
    index_at_ = operations_ + kRunOperations;
    index_due_ = true;
    index_worker_.wake();
  }
}

Status Writer::finish(uint64_t seq, bool synced) {
  if (!env_->options.background) housekeep();
  return synced ? make_durable(seq) : Status();
}

Status Writer::finish_unwritten(SyncWish wish) {
  if (poisoned()) return poison_status();
  return wants_sync(wish) ? make_durable(last_seq()) : Status();
}

Status Writer::append(const Put& put, bool by_file, bool has_room) {
  if (__builtin_expect(!has_room && !fits_now(put.size, put.digest), 0)) {
    STAVE_RETURN_IF_ERROR(ready(put.size, 1, put.key.size(), Room::spare_reserve));
    STAVE_RETURN_IF_ERROR(keydir_.make_room(put.digest));
    note_space();
  }
  if (__builtin_expect(put.expires_at_ms != 0, 0)) note_expiry(put.expires_at_ms);
  by_file = by_file || rather_by_file(put.size);
  const uint64_t offset = tail_;
  encode_record(
      begin_record(put.size, by_file), active_->salt(),
      Record{Kind::put, durable_flag(), next_seq_, put.expires_at_ms, put.key, put.value});
  STAVE_RETURN_IF_ERROR(end_record(put.size, by_file));
  conclude(Operation{Kind::put, put.key, put.value, put.expires_at_ms}, put.digest, offset,
           put.size);
  return {};
}

// Inside of remove, where a call would cost what it does itself.
[[gnu::always_inline]] inline Status Writer::tombstone(Bytes key, const Digest& d, bool by_file) {
  const uint64_t size = record_size(key.size(), 0, false);
  const uint64_t offset = tail_;
  encode_record(begin_record(size, by_file), active_->salt(),
                Record{Kind::tombstone, durable_flag(), next_seq_, 0, key, {}});
  STAVE_RETURN_IF_ERROR(end_record(size, by_file));
  conclude(Operation{Kind::tombstone, key, {}, 0}, d, offset, size);
  return {};
}

Status Writer::write_tombstone(Bytes key, const Digest& d, bool by_file) {
  return tombstone(key, d, by_file);
}

// The active file gets a record that expires.
void Writer::note_expiry(uint64_t expires_at_ms) {
  active_->expiry.add(expires_at_ms, env_->expiry.now_ms());
  env_->expiry.note_use();
}

// In few instructions, as Store::get_hot.
STAVE_FAST_CPU bool Writer::put_fast(Bytes key, Bytes value) {
  if (__builtin_expect(!fast_, 0)) return false;
  const Digest d = hasher_.digest_fast(key);
  keydir_.prefetch(d);
  const uint64_t size = record_size(key.size(), value.size(), false);
  {
    MutexLock lock(mutex_);
    if (__builtin_expect(!fits_now(size, d) || rather_by_file(size), 0)) return false;
    const uint64_t offset = tail_;
    char* const to = active_->mapped() + offset;
    encode_unchecked(to, Record{Kind::put, durable_flag(), next_seq_, 0, key, value});
    store_le(to, record_crc32c_fast(active_->salt(), to, size));
    tail_ = offset + size;
    active_->publish_tail(tail_);
    conclude(Operation{Kind::put, key, value, 0}, d, offset, size);
  }
  if (__builtin_expect(!env_->options.background, 0)) housekeep();
  return true;
}

Status Writer::put(Bytes key, Bytes value, uint64_t expires_at_ms, SyncWish wish) {
  const Digest d = hasher_(key);
  keydir_.prefetch(d);
  const uint64_t size = record_size(key.size(), value.size(), expires_at_ms != 0);
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  uint64_t seq = 0;
  {
    MutexLock lock(mutex_);
    STAVE_RETURN_IF_ERROR(append(Put{key, value, expires_at_ms, d, size}, by_file));
    seq = next_seq_ - 1;
  }
  if (!synced && env_->options.background) return {};
  return finish(seq, synced);
}

Status Writer::remove(Bytes key, SyncWish wish) {
  const Digest d = hasher_(key);
  keydir_.prefetch(d);
  const uint64_t size = record_size(key.size(), 0, false);
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  bool may_expire = false;  // or be deleted with a range
  uint64_t seq = 0;
  {
    MutexLock lock(mutex_);
    Slot slot;
    if (poisoned()) return poison_status();
    if (!keydir_.find(d, &slot)) {
      return keydir_.damaged() ? keydir_.make_room(d, 0) : Status::answer(Code::not_found);
    }
    if (__builtin_expect(!fits_now(size), 0)) {
      STAVE_RETURN_IF_ERROR(ready(size, 1, key.size(), Room::use_reserve));
      // Where that waited, another call may have deleted the key meanwhile.
      if (!keydir_.find(d, &slot)) {
        return keydir_.damaged() ? keydir_.make_room(d, 0) : Status::answer(Code::not_found);
      }
      note_space();
    }
    may_expire = space_.segment_at(slot.address)->expiry.may_expire() || ranges_.any();
    if (__builtin_expect(!may_expire, 1)) {
      STAVE_RETURN_IF_ERROR(tombstone(key, d, by_file));
      seq = next_seq_ - 1;
    }
  }
  if (__builtin_expect(may_expire, 0)) return remove_expiring(key, d, wish);
  if (!synced && env_->options.background) return {};
  return finish(seq, synced);
}

void Writer::while_still(const std::function<void(uint64_t last_seq)>& f) {
  MutexLock lock(mutex_);
  f(last_seq_.load(kRelaxed));
}

uint64_t Writer::active_id() {
  MutexLock lock(mutex_);
  return active_ ? active_->id() : 0;
}

uint64_t Writer::oldest_unsealed_id() {
  MutexLock lock(mutex_);
  if (!pending_.empty()) return pending_.front()->id();
  return active_ ? active_->id() : 0;
}

uint64_t Writer::next_seq() {
  MutexLock lock(mutex_);
  return next_seq_;
}

void Writer::join_feed(const std::shared_ptr<FeedFiles>& feed) {
  MutexLock lock(mutex_);
  feeds_.join(feed);
}

void Writer::wait_for_operation(uint64_t seq, std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  MutexLock lock(mutex_);
  ++feeds_waiting_;
  while (last_seq_.load(kRelaxed) <= seq && !cancelled_) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) break;
    kick_at_ = 0;  // the next operation's step is to tell us
    appended_.wait_for(mutex_, end - now);
  }
  if (--feeds_waiting_ == 0) kick_at_ = work_at_;
}

void Writer::cancel() {
  MutexLock lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
  appended_.notify_all();
}

}  // namespace stave
