#include "format/crc32c_software.h"

#include <array>

#include "base/bytes.h"

namespace stave {
namespace {

// kTables[k][b]: the state after byte b followed by k zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables t{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t state = b;
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ (kCrc32cPolynomial & -(state & 1));
    t[0][b] = state;
  }
  for (uint32_t b = 0; b < 256; ++b) {
    for (size_t k = 1; k < 8; ++k) t[k][b] = (t[k - 1][b] >> 8) ^ t[0][t[k - 1][b] & 255];
  }
  return t;
}
constexpr Tables kTables = make_tables();

}  // namespace

uint32_t crc32c_software(uint32_t crc, const void* data, size_t n) {
  const char* p = static_cast<const char*>(data);
  crc = ~crc;
  for (; n >= 8; n -= 8, p += 8) {
    const uint64_t w = load_le<uint64_t>(p) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= kTables[7 - k][(w >> (8 * k)) & 255];
  }
  for (; n > 0; --n) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(*p++)) & 255];
  return ~crc;
}

}  // namespace stave
