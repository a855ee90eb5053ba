// Batches: one frame, whole or absent, written if its conditions hold.

#include <array>
#include <utility>

#include "base/shown_key.h"
#include "engine/cold_record.h"
#include "engine/found_record.h"
#include "engine/writer.h"

namespace stave {
namespace {

Status conflict(const Condition& c, const std::string& what) {
  return {Code::conflict, shown_key(c.key) + " " + what + "; nothing was written"};
}

Status judge(const Condition& c, const Present& p) {
  switch (c.what) {
    case Condition::What::absent:
      return p.there ? conflict(c, "is there, and should not be") : Status();
    case Condition::What::present:
      return p.there ? Status() : conflict(c, "is not there, and should be");
    case Condition::What::version:
      if (p.seq == c.version) return {};
      return conflict(
          c, "has version " + std::to_string(p.seq) + " and not " + std::to_string(c.version));
    case Condition::What::value:
      if (p.there && p.value == c.value) return {};
      return conflict(c, p.there ? "has another value" : "is not there, and should be");
  }
  return {};
}

}  // namespace

// Room for all of a batch's puts at once: no shard may turn out full half way.
Status Writer::make_room(const std::vector<Digest>& digests) {
  std::array<uint32_t, kShards> wanted{};
  for (const Digest& d : digests) ++wanted[Keydir::shard_of(d)];
  for (const Digest& d : digests) {
    uint32_t& n = wanted[Keydir::shard_of(d)];
    if (n > 0) STAVE_RETURN_IF_ERROR(keydir_.make_room(d, std::exchange(n, 0)));
  }
  return {};
}

// Where the conditions' records have to be fetched first: all of them at once, without a look.
void Writer::find_cold(const Conditions& conditions, std::vector<ColdRecord>* cold) {
  for (const Digest& d : conditions.digests) {
    Slot slot;
    if (!keydir_.find(d, &slot)) continue;
    const Segment& s = *space_.segment_at(slot.address);
    ColdRecord record;
    if (record.wants(s, s.offset_of(slot.address), slot.size_class)) {
      cold->push_back(std::move(record));
    }
  }
}

Status Writer::check(const Conditions& conditions) {
  ColdRecord warm;
  warm.skip();
  FoundRecord found;
  for (size_t i = 0; i < conditions.list.size(); ++i) {
    const Condition& c = conditions.list[i];
    Present present;
    STAVE_RETURN_IF_ERROR(look_up(c.key, conditions.digests[i], &warm, &found, &present));
    STAVE_RETURN_IF_ERROR(judge(c, present));
  }
  return {};
}

Status Writer::write(const std::vector<Operation>& operations,
                     const std::vector<Condition>& conditions, SyncWish wish) {
  const bool synced = wants_sync(wish);
  const bool by_file = through_file(synced);
  Batch batch{operations, {}, kBatchHeaderSize, 0, false};
  batch.digests.reserve(operations.size());
  for (const Operation& op : operations) {
    batch.digests.push_back(hasher_(op.key));
    batch.size += record_size(op.key.size(), op.value.size(), op.expires_at_ms != 0);
    batch.key_bytes += op.key.size();
    batch.any_put = batch.any_put || op.kind == Kind::put;
  }
  Conditions wanted{conditions, {}};
  wanted.digests.reserve(conditions.size());
  for (const Condition& c : conditions) wanted.digests.push_back(hasher_(c.key));
  std::vector<ColdRecord> cold;
  bool fetched = conditions.empty();
  uint64_t last = 0;
  while (true) {
    for (ColdRecord& record : cold) record.fetch();
    MutexLock lock(mutex_);
    if (operations.empty()) {
      if (poisoned()) return poison_status();
    } else {
      STAVE_RETURN_IF_ERROR(ready(batch.size, operations.size(), batch.key_bytes,
                                  batch.any_put ? Room::spare_reserve : Room::use_reserve));
      STAVE_RETURN_IF_ERROR(make_room(batch.digests));
    }
    if (!std::exchange(fetched, true)) {
      find_cold(wanted, &cold);
      if (!cold.empty()) continue;
    }
    // Nothing waits between this and the writing.
    STAVE_RETURN_IF_ERROR(check(wanted));
    if (!operations.empty()) STAVE_RETURN_IF_ERROR(write_frame(batch, by_file));
    last = last_seq_.load(std::memory_order_relaxed);
    break;
  }
  return finish(last, synced);
}

Status Writer::write_frame(const Batch& batch, bool by_file) {
  const uint64_t offset = tail_;
  const uint64_t first = next_seq_;
  char* const frame = begin_record(batch.size, by_file);
  uint64_t at = kBatchHeaderSize;
  uint64_t seq = first;
  for (const Operation& op : batch.operations) {
    const Record r{op.kind, kFlagInner, seq++, op.expires_at_ms, op.key, op.value};
    encode_record(frame + at, active_->salt(), r);
    at += record_size(r);
  }
  encode_batch_header(frame, active_->salt(), durable_flag(), first,
                      static_cast<uint32_t>(batch.operations.size()), batch.size);
  STAVE_RETURN_IF_ERROR(end_record(batch.size, by_file));
  at = offset + kBatchHeaderSize;
  for (size_t i = 0; i < batch.operations.size(); ++i) {
    const Operation& op = batch.operations[i];
    const uint64_t n = record_size(op.key.size(), op.value.size(), op.expires_at_ms != 0);
    if (op.expires_at_ms != 0) note_expiry(op.expires_at_ms);
    apply(op, batch.digests[i], at, n, first + i);
    at += n;
  }
  next_seq_ = seq;
  last_seq_.store(seq - 1, std::memory_order_release);
  kick();
  return {};
}

}  // namespace stave
