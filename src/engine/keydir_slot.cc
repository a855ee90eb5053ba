#include "engine/keydir_slot.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/limits.h"

namespace stave {

// Half-octave steps up to 512 bytes, where most records are, then one class for each octave up
// to 4 GiB: 8 + 24 classes.
//   32 48 64 96 128 192 256 384 | 512 1024 ... 2^32
namespace {
constexpr unsigned kFineClasses = 8;
constexpr unsigned kClasses = 1U << kSizeClassBits;
constexpr unsigned kFirstFineBits = 5;    // 32 bytes
constexpr unsigned kFirstCoarseBits = 9;  // 512 bytes

constexpr uint64_t class_max(unsigned c) {
  if (c >= kFineClasses) return 1ULL << (c - kFineClasses + kFirstCoarseBits);
  uint64_t octave = 1ULL << (kFirstFineBits + c / 2);
  return c % 2 == 0 ? octave : octave + octave / 2;
}
static_assert(class_max(kClasses - 1) == kFileSizeLimit && kTombstoneClass == kClasses - 1);
static_assert(kStoreSizeMax / kRecordAlign == 1ULL << kAddressBits);
}  // namespace

unsigned size_class(uint64_t size) {
  STAVE_CHECK(size <= kFileSizeLimit);
  if (size > class_max(kFineClasses - 1)) {
    unsigned bits = static_cast<unsigned>(std::bit_width(size - 1));
    return std::min(bits - kFirstCoarseBits + kFineClasses, kTombstoneClass - 1);
  }
  if (size <= class_max(0)) return 0;
  // 2^b < size <= 2^(b+1): the lower half of the octave is the odd class, the upper the next.
  unsigned b = static_cast<unsigned>(std::bit_width(size - 1)) - 1;
  unsigned odd = (b - kFirstFineBits) * 2 + 1;
  return size <= class_max(odd) ? odd : odd + 1;
}

uint64_t size_class_max(unsigned size_class) {
  STAVE_CHECK(size_class < kClasses);
  return class_max(size_class);
}

}  // namespace stave
