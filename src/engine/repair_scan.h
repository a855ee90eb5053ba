// What can be read of one data file, and what cannot: reading on behind every damage.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/damage_scan.h"
#include "engine/segment.h"

namespace stave {

struct LostRegion {
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t before = 0, after = 0;  // numbers of the operations around it; 0: there is none
};

struct RepairFindings {
  uint64_t records = 0;  // operations that can be read
  uint64_t bytes = 0;    // of their records
  uint64_t inner = 0;    // of them, out of damaged batches
  uint64_t inner_seq_max = 0;
  uint64_t first_seq = 0, last_seq = 0;
  uint64_t claim = 0;              // every operation up to here was durable, says a record
  uint64_t end = kFileHeaderSize;  // of the last record
  bool rising = true;              // the numbers, from record to record
  std::vector<LostRegion> lost;    // in order

  [[nodiscard]] bool whole() const { return lost.empty() && inner == 0; }
};

// A put, tombstone or range tombstone, lent for the call. `torn`: its batch is damaged elsewhere.
struct ReadableRecord {
  const Record& record;
  uint64_t offset;
  bool torn;
};
using OnReadable = std::function<Status(const ReadableRecord&)>;

// Every operation below `to` that can be read, in order of offset. *out may be nullptr.
Status read_what_is_readable(const Segment& segment, uint64_t to, const OnReadable& on_record,
                             RepairFindings* out);

}  // namespace stave
