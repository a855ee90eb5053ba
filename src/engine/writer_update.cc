// Writes that depend on what is there: read, decided on and written under the mutex.
//
// Reading a record here needs no guard of the store's reads: a merge lets go of files only after
// it has passed through mutex_ once since it swung their slots.

#include "engine/cold_record.h"
#include "engine/found_record.h"
#include "engine/writer.h"

namespace stave {

// not_found: there is none, or the slot is another key's. Sets `cold` instead, and is ok, where
// the mutex should be let go first.
Status Writer::read_record(Bytes key, const Slot& slot, ColdRecord* cold, FoundRecord* out) {
  const Segment& s = *space_.segment_at(slot.address);
  const uint64_t offset = s.offset_of(slot.address);
  if (cold->wants(s, offset, slot.size_class)) return {};
  STAVE_RETURN_IF_ERROR(out->fetch(s, offset, slot.size_class));
  uint64_t size = 0;
  return out->parse(key, true, &size);  // damage must not be written on
}

Status Writer::look_up(Bytes key, const Digest& d, ColdRecord* cold, FoundRecord* found,
                       Present* out) {
  *out = {};
  Slot slot;
  if (!keydir_.find(d, &slot)) return keydir_.damaged() ? keydir_.make_room(d, 0) : Status();
  const Status s = read_record(key, slot, cold, found);
  if (cold->waits()) return {};
  if (s.is(Code::not_found) && s.system_errno() == 0) return {};
  STAVE_RETURN_IF_ERROR(s);
  const Record& r = found->record();
  if (env_->expiry.expired(r.expires_at_ms) || r.seq < ranges_.seq_over(key)) return {};
  *out = {true, r.value, r.seq, r.expires_at_ms};
  return {};
}

// Of a key whose record has to be looked at. An expired one gets its tombstone too, although the
// answer is that the key was not there: it was told to go, and shall stay away whatever becomes of
// the clock. One that went with a range stays away by that.
Status Writer::remove_expiring(Bytes key, const Digest& d, SyncWish wish) {
  const uint64_t size = record_size(key.size(), 0, false);
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  uint64_t seq = 0;
  Presence present{};
  ColdRecord cold;
  do {
    cold.fetch();
    MutexLock lock(mutex_);
    if (poisoned()) return poison_status();
    if (!fits_now(size)) {
      STAVE_RETURN_IF_ERROR(ready(size, 1, key.size(), Room::use_reserve));
      note_space();
    }
    Slot slot;
    if (!keydir_.find(d, &slot)) {
      return keydir_.damaged() ? keydir_.make_room(d, 0) : Status::answer(Code::not_found);
    }
    present = presence(key, slot, &cold);
    if (cold.waits()) continue;
    if (present == Presence::deleted) return Status::answer(Code::not_found);
    STAVE_RETURN_IF_ERROR(write_tombstone(key, d, by_file));
    seq = next_seq_ - 1;
  } while (cold.waits());
  STAVE_RETURN_IF_ERROR(finish(seq, synced));
  return present == Presence::expired ? Status::answer(Code::not_found) : Status();
}

// A record that cannot be read can be deleted all the same.
Writer::Presence Writer::presence(Bytes key, const Slot& slot, ColdRecord* cold) {
  FoundRecord found;
  const Status s = read_record(key, slot, cold, &found);
  if (!s.ok() || cold->waits()) return Presence::there;
  if (found.record().seq < ranges_.seq_over(key)) return Presence::deleted;
  return env_->expiry.expired(found.record().expires_at_ms) ? Presence::expired : Presence::there;
}

Status Writer::update(Bytes key, Decide decide, SyncWish wish, uint64_t* seq) {
  const Digest d = hasher_(key);
  keydir_.prefetch(d);
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  *seq = 0;
  ColdRecord cold;
  do {
    cold.fetch();
    MutexLock lock(mutex_);
    STAVE_RETURN_IF_ERROR(update_now(key, d, decide, by_file, &cold, seq));
  } while (cold.waits());
  // Also where nothing was written: what is there shall be as durable as the caller wants it.
  return synced || !env_->options.background ? finish(*seq, synced) : Status();
}

Status Writer::update_now(Bytes key, const Digest& d, Decide decide, bool by_file, ColdRecord* cold,
                          uint64_t* seq) {
  FoundRecord found;
  uint64_t ready_size = 0;  // of what there is room for, whatever fits_now says
  bool ready_put = false;
  while (true) {
    if (poisoned()) return poison_status();
    Present present;
    STAVE_RETURN_IF_ERROR(look_up(key, d, cold, &found, &present));
    if (cold->waits()) return {};
    Decision decision;
    STAVE_RETURN_IF_ERROR(decide(present, &decision));
    *seq = present.seq;
    if (decision.what == Decision::What::nothing) return {};
    const bool put = decision.what == Decision::What::put;
    const uint64_t size = record_size(key.size(), put ? decision.value.size() : 0,
                                      put && decision.expires_at_ms != 0);
    const bool room =
        (put ? fits_now(size, d) : fits_now(size)) || (size <= ready_size && (ready_put || !put));
    if (room) {
      *seq = next_seq_;
      return put ? append(Put{key, decision.value, decision.expires_at_ms, d, size}, by_file, true)
                 : write_tombstone(key, d, by_file);
    }
    // That may wait, while others write and files go: decided anew.
    STAVE_RETURN_IF_ERROR(
        ready(size, 1, key.size(), put ? Room::spare_reserve : Room::use_reserve));
    if (put) STAVE_RETURN_IF_ERROR(keydir_.make_room(d));
    note_space();
    ready_size = size;
    ready_put = put;
  }
}

}  // namespace stave
