// Checksums of parts out of checksums of wholes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stave {

// What a checksum contributes to the one `n` bytes later, for any s and any B of n bytes:
//   crc32c(s, B) == crc32c_shift(s, n) ^ crc32c(0, B)
// It is linear: crc32c_shift(a ^ b, n) == crc32c_shift(a, n) ^ crc32c_shift(b, n).
[[nodiscard]] uint32_t crc32c_shift(uint32_t crc, uint64_t n);

}  // namespace stave
