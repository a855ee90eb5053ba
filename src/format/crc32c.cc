#include "format/crc32c.h"

#include <array>
#include <atomic>

#include "base/bytes.h"
#include "format/crc32c_software.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__) && \
    (defined(__ARM_FEATURE_CRC32) || !defined(__clang__))  // clang's header asks for -march
#define STAVE_CRC32C_ARM 1
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace stave {
namespace {

using Function = uint32_t (*)(uint32_t, const void*, size_t);

#if defined(__x86_64__)

// The crc32 instruction takes 3 cycles but starts every cycle, so three lanes run side by side.
// Their states are joined by carry-less multiplication: moving a state past j words of 8 bytes
// multiplies it by x^(64 j), and crc32(0, a * b) multiplies by x^33, hence x^(64 j - 33) here.
constexpr size_t kLaneWords = 128;

constexpr std::array<uint32_t, 2 * kLaneWords + 1> make_advance() {
  std::array<uint32_t, 2 * kLaneWords + 1> t{};
  uint32_t power = 1;  // x^31, bits reflected
  for (size_t j = 1; j < t.size(); ++j) {
    t[j] = power;
    for (int bit = 0; bit < 64; ++bit) power = (power >> 1) ^ (kCrc32cPolynomial & -(power & 1));
  }
  return t;
}
constexpr auto kAdvance = make_advance();

__attribute__((target("sse4.2,pclmul"))) inline __m128i product(uint64_t state, size_t words) {
  return _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(state)),
                              _mm_cvtsi64_si128(kAdvance[words]), 0);
}

__attribute__((target("sse4.2,pclmul"))) uint32_t crc32c_x86(uint32_t crc, const void* data,
                                                             size_t n) {
  const char* p = static_cast<const char*>(data);
  uint64_t a = ~crc;
  while (n >= 48) {
    const size_t words = n / 24 < kLaneWords ? n / 24 : kLaneWords;
    const size_t lane = words * 8;
    uint64_t b = 0, c = 0;
    for (const char* end = p + lane; p != end; p += 8) {
      a = _mm_crc32_u64(a, load_le<uint64_t>(p));
      b = _mm_crc32_u64(b, load_le<uint64_t>(p + lane));
      c = _mm_crc32_u64(c, load_le<uint64_t>(p + 2 * lane));
    }
    const __m128i joined = _mm_xor_si128(product(a, 2 * words), product(b, words));
    a = c ^ _mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(joined)));
    p += 2 * lane;
    n -= 3 * lane;
  }
  for (; n >= 8; n -= 8, p += 8) a = _mm_crc32_u64(a, load_le<uint64_t>(p));
  uint32_t rest = static_cast<uint32_t>(a);
  if (n & 4) {
    rest = _mm_crc32_u32(rest, load_le<uint32_t>(p));
    p += 4;
  }
  for (n &= 3; n > 0; --n) rest = _mm_crc32_u8(rest, static_cast<uint8_t>(*p++));
  return ~rest;
}

Function best() {
  const bool able = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
  return able ? crc32c_x86 : crc32c_software;
}

#elif defined(STAVE_CRC32C_ARM)

#if !defined(__clang__)
__attribute__((target("+crc")))
#endif
uint32_t
crc32c_arm(uint32_t crc, const void* data, size_t n) {
  const char* p = static_cast<const char*>(data);
  crc = ~crc;
  for (; n >= 8; n -= 8, p += 8) crc = __crc32cd(crc, load_le<uint64_t>(p));
  for (; n > 0; --n) crc = __crc32cb(crc, static_cast<uint8_t>(*p++));
  return ~crc;
}

Function best() { return getauxval(AT_HWCAP) & HWCAP_CRC32 ? crc32c_arm : crc32c_software; }

#else

Function best() { return crc32c_software; }

#endif

uint32_t choose(uint32_t crc, const void* data, size_t n);

// Relaxed: every value it ever holds computes the same, so no order is needed.
std::atomic<Function> chosen{choose};

uint32_t choose(uint32_t crc, const void* data, size_t n) {
  const Function f = best();
  chosen.store(f, std::memory_order_relaxed);
  return f(crc, data, n);
}

}  // namespace

uint32_t crc32c(uint32_t crc, const void* data, size_t n) {
  return chosen.load(std::memory_order_relaxed)(crc, data, n);
}

}  // namespace stave
