// A checksum is a polynomial over GF(2), and n zero bytes multiply it by x^(8n) modulo CRC-32C's.
#include "format/crc32c_shift.h"

#include <array>

namespace stave {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected: bit 31 is x^0

constexpr uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = 1U << 31; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b;
    b = (b >> 1) ^ (b & 1 ? kPolynomial : 0);
  }
  return product;
}

// x^(8 * 2^i)
constexpr std::array<uint32_t, 64> powers() {
  std::array<uint32_t, 64> p{};
  p[0] = 1U << 23;
  for (size_t i = 1; i < p.size(); ++i) p[i] = multiply(p[i - 1], p[i - 1]);
  return p;
}
constexpr std::array<uint32_t, 64> kPowers = powers();

}  // namespace

uint32_t crc32c_shift(uint32_t crc, uint64_t n) {
  for (size_t i = 0; n != 0; ++i, n >>= 1) {
    if (n & 1) crc = multiply(kPowers[i], crc);
  }
  return crc;
}

}  // namespace stave
