// The get of nearly every call: a put's record in a mapping, whole, of this key, without expiry.
#pragma once

#include "engine/segment.h"
#include "format/crc32c_fast.h"

namespace stave {

// Such a record, as its header has it; its checksum is still to be compared.
struct PlainRecord {
  const char* at;
  uint64_t size;
  Bytes value;
  [[nodiscard]] uint64_t seq() const { return load_le<uint64_t>(at + 12); }
  [[nodiscard]] bool padding_is_zero() const {
    const uint64_t padding = static_cast<uint64_t>(at + size - value.end());
    return padding == 0 || load_le<uint64_t>(at + size - 8) >> (64 - 8 * padding) == 0;
  }
};

// Most keys are short: a call would cost more than the comparison.
[[nodiscard]] inline bool keys_equal(const char* a, const char* b, size_t n) {
  if (n - 8 > 8) return std::memcmp(a, b, n) == 0;
  return ((load_le<uint64_t>(a) ^ load_le<uint64_t>(b)) |
          (load_le<uint64_t>(a + n - 8) ^ load_le<uint64_t>(b + n - 8))) == 0;
}

// False: something is out of the ordinary (Store::find says what).
[[nodiscard]] inline bool plain_record(const Segment& s, uint64_t offset, Bytes key,
                                       PlainRecord* out) {
  const uint64_t tail = s.tail();
  const char* const base = s.mapped();
  if (__builtin_expect(base == nullptr || offset + kRecordHeaderSize > tail, 0)) return false;
  const char* const at = base + offset;
  // Kind, flags and lengths in one word; two of the flags may be either way.
  const auto head = load_le<uint64_t>(at + 4);
  constexpr uint64_t kEitherWay = uint64_t{kFlagDurable | kFlagInner} << 8;
  const uint64_t wanted = static_cast<uint64_t>(Kind::put) | uint64_t{key.size()} << 16;
  const uint64_t value_size = head >> 32;
  const uint64_t size = record_size(key.size(), value_size, false);
  if (__builtin_expect((((head & ~kEitherWay) ^ wanted) & UINT32_MAX) != 0 || size > tail - offset,
                       0)) {
    return false;
  }
  const char* const stored = at + kRecordHeaderSize;
  *out = {at, size, Bytes(stored + key.size(), value_size)};
  return keys_equal(stored, key.data(), key.size());
}

[[nodiscard]] inline bool checksum_matches(const PlainRecord& r, uint32_t salt) {
  return load_le<uint32_t>(r.at) == crc32c(salt, r.at + 4, r.size - 4);
}

[[nodiscard]] STAVE_FAST_CPU inline bool checksum_matches_fast(const PlainRecord& r,
                                                               uint32_t salt) {
  return load_le<uint32_t>(r.at) == record_crc32c_fast(salt, r.at, r.size);
}

}  // namespace stave
