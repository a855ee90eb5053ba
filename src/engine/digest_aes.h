// AES-128-CMAC (RFC 4493) by the processor's AES instructions: the keyed hash of short keys, a
// pseudo-random function at a quarter of SipHash's instructions (docs/performance.md). The
// libraries that offer it cost more per call than the whole of it.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/fast_cpu.h"

#if defined(__x86_64__)
#include <smmintrin.h>
#include <wmmintrin.h>
#endif

namespace stave {

class AesCmac {
 public:
  // Whether this processor has the instructions; nothing else here may be called without them.
  [[nodiscard]] static bool available();

  explicit AesCmac(const std::array<uint8_t, 16>& key);
  // The 16 bytes of the code, as two little-endian words.
  void operator()(Bytes message, uint64_t* first, uint64_t* second) const;

 private:
  static constexpr int kRounds = 10;
  struct alignas(16) Block {
    uint8_t bytes[16];
  };
  std::array<Block, kRounds + 1> round_keys_{};
  Block whole_{};   // what is added to a last block of 16 bytes
  Block padded_{};  // to a shorter one
};

#if defined(__x86_64__)

STAVE_FAST_CPU inline __m128i aes_load(const void* p) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

// The n < 16 bytes at p, then a byte of 0x80, then zeros. Reads nothing beyond p + n.
STAVE_FAST_CPU inline __m128i aes_load_padded(const char* p, size_t n) {
  uint64_t low = 0;
  uint64_t high = 0;
  if (n >= 8) {
    low = load_le<uint64_t>(p);
    if (n > 8) high = load_le<uint64_t>(p + n - 8) >> (8 * (16 - n));
    high |= 0x80ULL << (8 * (n - 8));
  } else {
    if (n >= 4) {
      low = load_le<uint32_t>(p) | uint64_t{load_le<uint32_t>(p + n - 4)} << (8 * (n - 4));
    } else if (n > 0) {
      low = uint64_t{static_cast<uint8_t>(p[0])} |
            uint64_t{static_cast<uint8_t>(p[n / 2])} << (8 * (n / 2)) |
            uint64_t{static_cast<uint8_t>(p[n - 1])} << (8 * (n - 1));
    }
    low |= 0x80ULL << (8 * n);
  }
  return _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
}

STAVE_FAST_CPU inline __m128i aes_encrypt(const uint8_t* round_keys, __m128i block) {
  block = _mm_xor_si128(block, aes_load(round_keys));
  for (size_t i = 1; i < 10; ++i) block = _mm_aesenc_si128(block, aes_load(round_keys + 16 * i));
  return _mm_aesenclast_si128(block, aes_load(round_keys + 160));
}

STAVE_FAST_CPU inline void AesCmac::operator()(Bytes message, uint64_t* first,
                                               uint64_t* second) const {
  const char* p = message.data();
  size_t n = message.size();
  __m128i state = _mm_setzero_si128();
  for (; n > 16; n -= 16, p += 16)
    state = aes_encrypt(round_keys_[0].bytes, _mm_xor_si128(state, aes_load(p)));
  const __m128i last = n == 16 ? _mm_xor_si128(aes_load(p), aes_load(&whole_))
                               : _mm_xor_si128(aes_load_padded(p, n), aes_load(&padded_));
  state = aes_encrypt(round_keys_[0].bytes, _mm_xor_si128(state, last));
  *first = static_cast<uint64_t>(_mm_cvtsi128_si64(state));
  *second = static_cast<uint64_t>(_mm_extract_epi64(state, 1));
}

#endif

}  // namespace stave
