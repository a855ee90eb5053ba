#include "engine/claim_search.h"

#include <algorithm>
#include <string>

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;

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
    : segment_(segment), from_(align_up(from, kRecordAlign)), checksum_(segment, from_) {}

Status ClaimSearch::run(uint64_t seq_floor, uint64_t* best) {
  auto size = segment_.file().size();
  if (!size.ok()) return size.status();
  const uint64_t end = *size;
  std::string bytes;
  for (uint64_t at = from_; at < end; at += kChunk) {
    bytes.resize(std::min(kChunk + kRecordHeaderSize, end - at));
    size_t got = 0;
    STAVE_RETURN_IF_ERROR(segment_.file().read(at, bytes.data(), bytes.size(), &got));
    bytes.resize(got);
    for (uint64_t i = 0; i < kChunk && i + kRecordHeaderSize <= bytes.size(); i += kRecordAlign) {
      uint64_t record = 0;
      const uint64_t claim = claim_of(bytes.data() + i, &record);
      if (claim <= *best || claim >= seq_floor || record > end - at - i) continue;
      bool good = false;
      STAVE_RETURN_IF_ERROR(checksum_.valid(bytes.data() + i, at + i, record, &good));
      if (good) *best = claim;
    }
  }
  return {};
}

}  // namespace stave
