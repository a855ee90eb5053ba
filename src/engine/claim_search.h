// What stands behind the log's end: does any valid record there say that more had been durable?
//
// Every multiple of 8 may begin a record of any length, and a value may be full of what looks
// like records. Checksums of ranges come out of the file's running checksum, so the work is
// linear in the file's length whatever it holds: one pass, and two short reads for each header
// whose claim is possible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/segment.h"

namespace stave {

class ClaimSearch {
 public:
  // Searches [from, end of file) of one file.
  ClaimSearch(const Segment& segment, uint64_t from);

  // Raises *best to the highest claim of a valid record that is above it and below `seq_floor`:
  // no operation of an unsealed file has a number from there on.
  Status run(uint64_t seq_floor, uint64_t* best);

 private:
  // The checksum, from `from_` on, of all before `offset`.
  Status checksum_to(uint64_t offset, uint32_t* crc);
  Status valid(const char* header, uint64_t offset, uint64_t size, bool* valid);

  const Segment& segment_;
  const uint64_t from_;
  uint64_t end_ = 0;
  std::vector<uint32_t> sums_;  // at from_ + i * kStride
  std::string stride_;
};

}  // namespace stave
