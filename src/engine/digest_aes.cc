#include "engine/digest_aes.h"

#include "base/check.h"

#if defined(__x86_64__)
#include <smmintrin.h>
#include <wmmintrin.h>
#endif

namespace stave {

#if defined(__x86_64__)

#define STAVE_AES __attribute__((target("aes,sse4.1")))

namespace {

STAVE_AES inline __m128i load(const void* p) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

// One step of the key schedule; `assist` is AESKEYGENASSIST of `key` with the step's constant.
STAVE_AES __m128i expand(__m128i key, __m128i assist) {
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

STAVE_AES void make_round_keys(const uint8_t* key, uint8_t* to) {
  auto* out = reinterpret_cast<__m128i*>(to);
  __m128i k = load(key);
  out[0] = k;
  out[1] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x01));
  out[2] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x02));
  out[3] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x04));
  out[4] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x08));
  out[5] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x10));
  out[6] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x20));
  out[7] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x40));
  out[8] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x80));
  out[9] = k = expand(k, _mm_aeskeygenassist_si128(k, 0x1b));
  out[10] = expand(k, _mm_aeskeygenassist_si128(k, 0x36));
}

// Times x in GF(2^128), most significant byte first (the subkeys of RFC 4493).
void double_block(const uint8_t from[16], uint8_t to[16]) {
  const unsigned carry = from[0] >> 7;
  for (int i = 0; i < 16; ++i) {
    const unsigned next = i < 15 ? from[i + 1] >> 7 : 0;
    to[i] = static_cast<uint8_t>(from[i] << 1 | next);
  }
  if (carry != 0) to[15] ^= 0x87;
}

// The n < 16 bytes at p, then a byte of 0x80, then zeros. Reads nothing beyond p + n.
STAVE_AES inline __m128i load_padded(const char* p, size_t n) {
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

STAVE_AES inline __m128i encrypt(const uint8_t* round_keys, __m128i block) {
  block = _mm_xor_si128(block, load(round_keys));
  for (size_t i = 1; i < 10; ++i) block = _mm_aesenc_si128(block, load(round_keys + 16 * i));
  return _mm_aesenclast_si128(block, load(round_keys + 160));
}

}  // namespace

bool AesCmac::available() {
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
}

AesCmac::AesCmac(const std::array<uint8_t, 16>& key) {
  make_round_keys(key.data(), round_keys_[0].bytes);
  // The encryption of zeros is what the code of 16 bytes of zeros is while whole_ is zero.
  const char zeros[16] = {};
  uint64_t words[2];
  (*this)(Bytes(zeros, sizeof zeros), &words[0], &words[1]);
  Block l;
  std::memcpy(l.bytes, words, sizeof words);
  double_block(l.bytes, whole_.bytes);
  double_block(whole_.bytes, padded_.bytes);
}

STAVE_AES void AesCmac::operator()(Bytes message, uint64_t* first, uint64_t* second) const {
  const char* p = message.data();
  size_t n = message.size();
  __m128i state = _mm_setzero_si128();
  for (; n > 16; n -= 16, p += 16)
    state = encrypt(round_keys_[0].bytes, _mm_xor_si128(state, load(p)));
  const __m128i last = n == 16 ? _mm_xor_si128(load(p), load(&whole_))
                               : _mm_xor_si128(load_padded(p, n), load(&padded_));
  state = encrypt(round_keys_[0].bytes, _mm_xor_si128(state, last));
  *first = static_cast<uint64_t>(_mm_cvtsi128_si64(state));
  *second = static_cast<uint64_t>(_mm_extract_epi64(state, 1));
}

#else

bool AesCmac::available() { return false; }
AesCmac::AesCmac(const std::array<uint8_t, 16>&) { STAVE_CHECK(available()); }
void AesCmac::operator()(Bytes, uint64_t*, uint64_t*) const { STAVE_CHECK(available()); }

#endif

}  // namespace stave
