// What the writing and the reading side of a hint file agree on. docs/format.md, "Hint file".
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "format/crc32c.h"
#include "format/hint.h"

namespace stave::hint {

inline constexpr char kMagic[8] = {'\x89', 'S', 'T', 'A', 'V', 'E', 'H', '\n'};

// Entry head byte: kind in the low bits, kExpiry if an expiry follows.
inline constexpr uint8_t kKindMask = 0x0f;
inline constexpr uint8_t kExpiry = 0x10;

// Footer. From kVersionAt on the places hold for every version to come.
inline constexpr size_t kSaltAt = 0;
inline constexpr size_t kReserved1At = 4;
inline constexpr size_t kFileIdAt = 8;
inline constexpr size_t kDataLengthAt = 16;
inline constexpr size_t kFirstSeqAt = 24;
inline constexpr size_t kLastSeqAt = 32;
inline constexpr size_t kOperationsAt = 40;
inline constexpr size_t kRecordBytesAt = 48;
inline constexpr size_t kEntriesAt = 56;
inline constexpr size_t kTombstonesAt = 64;
inline constexpr size_t kEntryBytesAt = 72;
inline constexpr size_t kRangeTombstonesAt = 80;
inline constexpr size_t kRangesAt = 88;   // offset, length
inline constexpr size_t kIndexAt = 104;   // offset, length
inline constexpr size_t kFilterAt = 120;  // offset, length
inline constexpr size_t kReserved2At = 136;
inline constexpr size_t kVersionAt = 176;
inline constexpr size_t kCrcAt = 180;  // over bytes 0..179
inline constexpr size_t kMagicAt = 184;
static_assert(kMagicAt + sizeof kMagic == kHintFooterSize);

// Filter: blocks of 64 bytes, then probes u32, crc32c u32. Each key sets its bits in one block,
// so that a question costs one cache miss.
inline constexpr size_t kFilterBlock = 64;
inline constexpr uint32_t kFilterProbes = 6;
inline constexpr uint64_t kFilterBitsPerKey = 10;
inline constexpr size_t kFilterTrailer = 8;

uint64_t filter_hash(Bytes key, uint32_t salt);

inline uint64_t filter_block_of(uint64_t hash, uint64_t blocks) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(hash) * blocks) >> 64);
}

// The i-th of kFilterProbes bit numbers, 0..511, within the block.
inline uint32_t filter_bit(uint64_t hash, uint32_t i) {
  const uint64_t mixed = hash * 0x9e3779b97f4a7c15;
  return static_cast<uint32_t>(mixed >> (10 + 9 * i)) & 511;
}

// Blocks, ranges, index and filter all end in their own checksum.
inline constexpr size_t kCrcSize = 4;
inline bool checksum_valid(Bytes section) {
  if (section.size() < kCrcSize) return false;
  const size_t covered = section.size() - kCrcSize;
  return load_le<uint32_t>(section.data() + covered) == crc32c(0, section.data(), covered);
}

}  // namespace stave::hint
