// Whether records stand at given places of a data file, wherever they are and however long.
//
// Every multiple of 8 may begin a record of any length, and a value may be full of what looks
// like records. Checksums of ranges come out of the file's running checksum, so the work is
// linear in the file's length whatever it holds: one pass, and two short reads for each header
// that is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/segment.h"

namespace stave {

class RangeChecksum {
 public:
  // For places from `from` on.
  RangeChecksum(const Segment& segment, uint64_t from);

  // Whether [offset, offset + size), a record by its header, has the checksum that the header
  // names. False too if the file ends before. io.
  Status valid(const char* header, uint64_t offset, uint64_t size, bool* valid);

 private:
  // The checksum, from `from_` on, of all before `offset`.
  Status checksum_to(uint64_t offset, uint32_t* crc);

  const Segment& segment_;
  const uint64_t from_;
  std::vector<uint32_t> sums_;  // at from_ + i * kStride
  std::string stride_;
};

}  // namespace stave
