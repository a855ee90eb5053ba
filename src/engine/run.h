// A sorted run: the places of some consecutive operations of one data file, by key, then
// newest first. Immutable once built.
//
// A place counts 8-byte units: into the segment's mapping, where the record's own head and key
// are read, or, for a segment that has no mapping, into the run's arena of copied heads. A
// copied head is the record up to the end of its key, with the record's place in the file (in
// units) where its checksum was.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/page_allocator.h"
#include "engine/cursor.h"
#include "engine/segment.h"
#include "format/hint.h"

namespace stave {

struct Run {
  uint64_t from = 0, to = 0;  // bytes of the file
  uint64_t operations = 0;    // puts and tombstones
  uint64_t record_bytes = 0;  // of those
  uint64_t first_seq = 0, last_seq = 0;
  PageVector<uint32_t> places;
  bool copied = false;  // places point into the arena
  PageString arena;
  std::vector<HintRangeTombstone> ranges;

  [[nodiscard]] uint64_t memory_bytes() const;
};

// Reads the heads that a run's places point to.
class RunHeads {
 public:
  RunHeads(const Segment& segment, const Run& run);
  [[nodiscard]] const char* at(uint32_t place) const { return base_ + place * kRecordAlign; }
  // False if the bytes are not those that the run was built from (a file changed by others).
  bool decode(uint32_t place, HintEntry* out) const;

 private:
  const char* base_;
  uint64_t limit_;
  bool copied_;
};

// Whose word a run is built on.
enum class Trust : uint8_t {
  written,   // by this process, or verified since: the mapping's structure is enough
  verified,  // read by pread, checksums checked
};

// Indexes frames of [from, to) until there are `operations_max` or `to` is reached; a frame is
// never split. nullptr if `whole` and there are fewer.
Result<std::shared_ptr<const Run>> make_run(const Segment& segment, uint64_t from, uint64_t to,
                                            uint64_t operations_max, bool whole, Trust trust);

// An operation while it is being sorted. 16 bytes: sorting moves them all the time.
struct SortItem {
  uint64_t word = 0;  // some bytes of the key, as a number
  uint32_t place = 0;
  uint32_t key = 0;  // length, and kKeyAfterExpiry
  static constexpr uint32_t kKeyAfterExpiry = 1 << 16;
};

// Sorts by key, then by place, highest first. `base` is what places count from; each place is a
// record's head, the key of which the item describes.
void sort_run(const char* base, std::span<SortItem> items);

}  // namespace stave
