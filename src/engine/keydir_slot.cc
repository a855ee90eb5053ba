#include "engine/keydir_slot.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/limits.h"

namespace stave {

namespace {
static_assert(class_max(kSlotClasses - 1) == kFileSizeLimit && kTombstoneClass == kSlotClasses - 1);
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
  STAVE_CHECK(size_class < kSlotClasses);
  return class_max(size_class);
}

}  // namespace stave
