// A record's CRC-32C in few instructions, for code that is marked STAVE_FAST_CPU.
//
// One state at a time: three side by side (crc32c.cc) finish earlier, but take twice the
// instructions, and what the processor can look ahead over is a number of instructions.
#pragma once

#include "base/bytes.h"
#include "base/fast_cpu.h"
#include "format/crc32c.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace stave {

// What stands in the first four of the `size` bytes at `record`, a multiple of 8.
[[nodiscard]] STAVE_FAST_CPU inline uint32_t record_crc32c_fast(uint32_t salt, const char* record,
                                                                uint64_t size) {
#if defined(__x86_64__)
  constexpr uint64_t kFewBytes = 512;
  if (__builtin_expect(size <= kFewBytes, 1)) {
    uint64_t crc = _mm_crc32_u32(~salt, load_le<uint32_t>(record + 4));
    const char* p = record + 8;
    const char* const end = record + size;
    for (; end - p >= 32; p += 32) {
      crc = _mm_crc32_u64(crc, load_le<uint64_t>(p));
      crc = _mm_crc32_u64(crc, load_le<uint64_t>(p + 8));
      crc = _mm_crc32_u64(crc, load_le<uint64_t>(p + 16));
      crc = _mm_crc32_u64(crc, load_le<uint64_t>(p + 24));
    }
    for (; p != end; p += 8) crc = _mm_crc32_u64(crc, load_le<uint64_t>(p));
    return ~static_cast<uint32_t>(crc);
  }
#endif
  return crc32c(salt, record + 4, size - 4);
}

}  // namespace stave
