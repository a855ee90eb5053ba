// CRC-32C by tables: what crc32c() falls back on, and what tests compare the hardware with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stave {

inline constexpr uint32_t kCrc32cPolynomial = 0x82f63b78;  // bits reflected

[[nodiscard]] uint32_t crc32c_software(uint32_t crc, const void* data, size_t n);

}  // namespace stave
