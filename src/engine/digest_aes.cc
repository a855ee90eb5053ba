#include "engine/digest_aes.h"

#include "base/check.h"

namespace stave {

#if defined(__x86_64__)

namespace {

// One step of the key schedule; `assist` is AESKEYGENASSIST of `key` with the step's constant.
STAVE_FAST_CPU __m128i expand(__m128i key, __m128i assist) {
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

STAVE_FAST_CPU void make_round_keys(const uint8_t* key, uint8_t* to) {
  auto* out = reinterpret_cast<__m128i*>(to);
  __m128i k = aes_load(key);
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

}  // namespace

bool AesCmac::available() { return fast_cpu(); }

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

#else

bool AesCmac::available() { return false; }
AesCmac::AesCmac(const std::array<uint8_t, 16>&) { STAVE_CHECK(available()); }
void AesCmac::operator()(Bytes, uint64_t*, uint64_t*) const { STAVE_CHECK(available()); }

#endif

}  // namespace stave
