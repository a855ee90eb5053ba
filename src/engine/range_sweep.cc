#include "engine/range_sweep.h"

#include <algorithm>

#include "engine/found_record.h"

namespace stave {

RangeSweep::RangeSweep(const SweepParts& parts, const RangeList& ranges)
    : parts_(parts), cover_(ranges) {
  RangeList sorted = ranges;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.from < b.from; });
  for (const HintRangeTombstone& r : sorted) {
    if (!intervals_.empty()) {
      Interval& last = intervals_.back();
      if (last.to.empty()) break;
      if (r.from <= last.to) {
        if (r.to.empty() || r.to > last.to) last.to = r.to;
        continue;
      }
    }
    intervals_.push_back({r.from, r.to});
  }
  batch_.reserve(kBatch);
}

Status RangeSweep::run(MergingCursor& cursor) {
  for (const Interval& interval : intervals_) {
    STAVE_RETURN_IF_ERROR(sweep_interval(interval, cursor));
  }
  STAVE_RETURN_IF_ERROR(erase_batch());
  if (!parts_.keydir.damaged()) return {};
  return {Code::corrupt, "the keydir is damaged: a range cannot be taken out of it"};
}

// Of each key the newest entry decides: an older one has no slot.
Status RangeSweep::sweep_interval(const Interval& interval, MergingCursor& cursor) {
  cursor.seek(interval.from);
  std::string last_key;  // no key is empty
  for (uint64_t walked = 1; cursor.next(); ++walked) {
    const HintEntry& e = cursor.entry();
    if (!interval.to.empty() && e.key >= interval.to) break;
    if (walked % kLookAfter == 0) STAVE_RETURN_IF_ERROR(erase_batch());
    if (e.key == last_key) continue;
    last_key.assign(e.key);
    if (e.kind != Kind::put) continue;
    const uint64_t range_seq = cover_.seq_over(e.key);
    if (e.seq < range_seq) STAVE_RETURN_IF_ERROR(note(e, cursor.segment(), range_seq));
  }
  return cursor.status();
}

Status RangeSweep::note(const HintEntry& e, const Segment& segment, uint64_t range_seq) {
  const Digest digest = parts_.hasher(e.key);
  parts_.keydir.prefetch(digest);
  batch_.push_back(
      {digest, segment.address_of(e.offset), &segment, range_seq, keys_.size(), e.key.size()});
  keys_.append(e.key);
  return batch_.size() == kBatch ? erase_batch() : Status();
}

Status RangeSweep::erase_batch() {
  {
    const Epoch::Guard guard(parts_.reads);
    for (const Deleted& d : batch_) STAVE_RETURN_IF_ERROR(erase(d));
  }
  batch_.clear();
  keys_.clear();
  if (parts_.stop()) return {Code::cancelled, "the store is being closed"};
  return {};
}

// Inside a guard, in which no file that a slot leads to loses its addresses.
Status RangeSweep::erase(const Deleted& d) {
  Slot slot;
  while (parts_.keydir.find(d.digest, &slot)) {
    Segment* const there = parts_.space.segment_at(slot.address);
    if (slot.address != d.address || there != d.segment) {
      FoundRecord found;
      uint64_t size = 0;
      Status s = found.fetch(*there, there->offset_of(slot.address), slot.size_class);
      if (s.ok()) s = found.parse(Bytes(keys_).substr(d.key_at, d.key_length), false, &size);
      // Another key's slot, or a damaged record, which no read believes.
      const bool other = s.is(Code::corrupt) || (s.is(Code::not_found) && s.system_errno() == 0);
      if (other) return {};
      STAVE_RETURN_IF_ERROR(s);
      if (found.record().seq >= d.seq) return {};
    }
    if (!parts_.keydir.erase_if(d.digest, slot.address)) continue;
    there->counts.move_live(slot.size_class);
    return {};
  }
  return {};
}

}  // namespace stave
