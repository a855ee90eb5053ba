// What the keydir tells about a key: the address of its newest record and about how long it is.
#pragma once

#include <cstdint>

namespace stave {

inline constexpr unsigned kSizeClassBits = 5;
// The class that no slot in use has: loading marks with it the slots that tombstones hold.
inline constexpr unsigned kTombstoneClass = 31;

// Logarithmic size class of a record of `size` bytes (0 to 4 GiB): 0..30. The last one takes all
// above 1 GiB; a reader finds a longer record's length in its header and reads once more.
[[nodiscard]] unsigned size_class(uint64_t size);
// The largest record of a class, 2 GiB for the last.
[[nodiscard]] uint64_t size_class_max(unsigned size_class);

// Half-octave steps up to 512 bytes, where most records are, then one class for each octave up
// to 4 GiB: 8 + 24 classes.
//   32 48 64 96 128 192 256 384 | 512 1024 ... 2^32
inline constexpr unsigned kFineClasses = 8;
inline constexpr unsigned kSlotClasses = 1U << kSizeClassBits;
inline constexpr unsigned kFirstFineBits = 5;    // 32 bytes
inline constexpr unsigned kFirstCoarseBits = 9;  // 512 bytes

[[nodiscard]] constexpr uint64_t class_max(unsigned c) {
  if (c >= kFineClasses) return 1ULL << (c - kFineClasses + kFirstCoarseBits);
  uint64_t octave = 1ULL << (kFirstFineBits + c / 2);
  return c % 2 == 0 ? octave : octave + octave / 2;
}

struct Slot {
  uint64_t address = 0;  // in 8-byte units, 41 bits, never 0
  unsigned size_class = 0;
};

// Word 0 of a cell: [address:41][size class:5][tag:18]; the tag is the end of Digest::low.
inline constexpr unsigned kTagBits = 18;
inline constexpr unsigned kAddressBits = 64 - kTagBits - kSizeClassBits;
inline constexpr uint64_t kTagMask = (1ULL << kTagBits) - 1;

[[nodiscard]] inline uint64_t pack_slot(const Slot& slot, uint64_t tag) {
  return slot.address << (kSizeClassBits + kTagBits) |
         static_cast<uint64_t>(slot.size_class) << kTagBits | tag;
}

[[nodiscard]] inline Slot unpack_slot(uint64_t word0) {
  return {word0 >> (kSizeClassBits + kTagBits),
          static_cast<unsigned>(word0 >> kTagBits) & ((1U << kSizeClassBits) - 1)};
}

}  // namespace stave
