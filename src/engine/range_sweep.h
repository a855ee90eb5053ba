// Takes the slots of deleted ranges out of the keydir, behind the call that deleted them.
//
// It walks the sorted files for the newest entry of each key in the ranges, and erases the slot
// that leads to it. Writes, merges and reads go on meanwhile. A merge may move a record between
// the walk and the look at its slot, and its file's addresses may be another file's by then; so a
// slot that does not lead to the very record is judged by the record that it leads to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/address_space.h"
#include "engine/digest.h"
#include "engine/epoch.h"
#include "engine/keydir.h"
#include "engine/merging_cursor.h"
#include "engine/range_deletes.h"

namespace stave {

struct SweepParts {
  AddressSpace& space;
  Keydir& keydir;
  const Hasher& hasher;
  Epoch& reads;
  std::function<bool()> stop = [] { return false; };
};

class RangeSweep {
 public:
  RangeSweep(const SweepParts& parts, const RangeList& ranges);

  // ok: no slot leads to a record that one of the ranges deletes. cancelled when `stop` says so.
  // REQUIRES: the snapshot that `cursor` walks was taken after all of the ranges had been written.
  Status run(MergingCursor& cursor);

 private:
  struct Deleted {
    Digest digest;
    uint64_t address = 0;
    const Segment* segment = nullptr;
    uint64_t seq = 0;  // of the range
    size_t key_at = 0;
    size_t key_length = 0;
  };
  struct Interval {
    std::string from;
    std::string to;  // empty: no end
  };
  static constexpr size_t kBatch = 64;
  static constexpr uint64_t kLookAfter = 4096;  // entries, where none is to be erased

  Status sweep_interval(const Interval& interval, MergingCursor& cursor);
  Status note(const HintEntry& e, const Segment& segment, uint64_t range_seq);
  Status erase_batch();
  Status erase(const Deleted& d);

  const SweepParts& parts_;
  const RangeCover cover_;
  std::vector<Interval> intervals_;  // ascending, apart from one another
  std::vector<Deleted> batch_;
  std::string keys_;  // of the batch
};

}  // namespace stave
