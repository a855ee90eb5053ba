// CRC-32C (Castagnoli), in hardware where the CPU has it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stave {

// Continues `crc` (0 to start, or a data file's salt) over `n` bytes. Standard CRC-32C with
// pre- and post-inversion: crc32c(0, "123456789") == 0xe3069283, and
// crc32c(crc32c(s, a), b) == crc32c(s, ab).
[[nodiscard]] uint32_t crc32c(uint32_t crc, const void* data, size_t n);

}  // namespace stave
