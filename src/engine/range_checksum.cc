#include "engine/range_checksum.h"

#include <algorithm>

#include "format/crc32c_shift.h"

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;
constexpr uint64_t kStride = 4096;

}  // namespace

RangeChecksum::RangeChecksum(const Segment& segment, uint64_t from)
    : segment_(segment), from_(from), sums_{0} {}

Status RangeChecksum::checksum_to(uint64_t offset, uint32_t* crc) {
  const uint64_t stride = (offset - from_) / kStride;
  while (sums_.size() <= stride) {
    stride_.resize(kChunk);
    const uint64_t at = from_ + (sums_.size() - 1) * kStride;
    const uint64_t n = std::min(kChunk, (offset - at) / kStride * kStride);
    STAVE_RETURN_IF_ERROR(segment_.read_exact(at, stride_.data(), n));
    for (uint64_t i = 0; i < n; i += kStride) {
      sums_.push_back(crc32c(sums_.back(), stride_.data() + i, kStride));
    }
  }
  const uint64_t at = from_ + stride * kStride;
  char rest[kStride];
  STAVE_RETURN_IF_ERROR(segment_.read_exact(at, rest, offset - at));
  *crc = crc32c(sums_[stride], rest, offset - at);
  return {};
}

Status RangeChecksum::valid(const char* header, uint64_t offset, uint64_t size, bool* valid) {
  const uint64_t checked = size - sizeof(uint32_t);
  uint32_t before = 0;
  uint32_t through = 0;
  *valid = false;
  Status s = checksum_to(offset + sizeof(uint32_t), &before);
  if (s.ok()) s = checksum_to(offset + size, &through);
  if (s.is(Code::corrupt)) return {};  // a live writer has trimmed the file meanwhile
  STAVE_RETURN_IF_ERROR(s);
  *valid = load_le<uint32_t>(header) == (crc32c_shift(segment_.salt() ^ before, checked) ^ through);
  return {};
}

}  // namespace stave
