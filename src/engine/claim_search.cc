#include "engine/claim_search.h"

#include <algorithm>

#include "format/crc32c_shift.h"

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;
constexpr uint64_t kStride = 4096;

// The seq up to which the record says that everything is durable; 0 if it says nothing, or is
// no record. *size: its padded length.
uint64_t claim_of(const char* p, uint64_t* size) {
  const auto kind = static_cast<Kind>(static_cast<uint8_t>(p[4]));
  const auto flags = static_cast<uint8_t>(p[5]);
  if (kind != Kind::mark && !(flags & kFlagDurable)) return 0;
  const uint64_t key_length = load_le<uint16_t>(p + 6);
  const uint64_t value_length = load_le<uint32_t>(p + 8);
  const uint64_t seq = load_le<uint64_t>(p + 12);
  if (!record_shape_valid(kind, flags, key_length, value_length, seq)) return 0;
  *size = record_size(key_length, value_length, flags & kFlagExpiry);
  return kind == Kind::mark ? seq : seq - 1;
}

}  // namespace

ClaimSearch::ClaimSearch(const Segment& segment, uint64_t from)
    : segment_(segment), from_(align_up(from, kRecordAlign)), sums_{0} {}

Status ClaimSearch::checksum_to(uint64_t offset, uint32_t* crc) {
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

Status ClaimSearch::valid(const char* header, uint64_t offset, uint64_t size, bool* valid) {
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

Status ClaimSearch::run(uint64_t seq_floor, uint64_t* best) {
  auto size = segment_.file().size();
  if (!size.ok()) return size.status();
  end_ = *size;
  std::string bytes;
  for (uint64_t at = from_; at < end_; at += kChunk) {
    bytes.resize(std::min(kChunk + kRecordHeaderSize, end_ - at));
    size_t got = 0;
    STAVE_RETURN_IF_ERROR(segment_.file().read(at, bytes.data(), bytes.size(), &got));
    bytes.resize(got);
    for (uint64_t i = 0; i < kChunk && i + kRecordHeaderSize <= bytes.size(); i += kRecordAlign) {
      uint64_t record = 0;
      const uint64_t claim = claim_of(bytes.data() + i, &record);
      if (claim <= *best || claim >= seq_floor || record > end_ - at - i) continue;
      bool good = false;
      STAVE_RETURN_IF_ERROR(valid(bytes.data() + i, at + i, record, &good));
      if (good) *best = claim;
    }
  }
  return {};
}

}  // namespace stave
