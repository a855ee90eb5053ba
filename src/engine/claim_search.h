// What stands behind the log's end: does any valid record there say that more had been durable?
//
// One pass over the bytes; range_checksum.h says why that suffices for records of any length.
#pragma once

#include <cstdint>

#include "engine/range_checksum.h"

namespace stave {

class ClaimSearch {
 public:
  // Searches [from, end of file) of one file.
  ClaimSearch(const Segment& segment, uint64_t from);

  // Raises *best to the highest claim of a valid record that is above it and below `seq_floor`:
  // no operation of an unsealed file has a number from there on.
  Status run(uint64_t seq_floor, uint64_t* best);

 private:
  const Segment& segment_;
  const uint64_t from_;
  RangeChecksum checksum_;
};

}  // namespace stave
