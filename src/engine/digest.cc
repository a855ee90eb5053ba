#include "engine/digest.h"

#include <sodium.h>

#include "base/check.h"

namespace stave {

static_assert(sizeof(Secret) == crypto_shorthash_siphashx24_KEYBYTES);
static_assert(sizeof(Digest) == crypto_shorthash_siphashx24_BYTES);

namespace {

void siphash(Bytes bytes, const Secret& secret, unsigned char* out) {
  crypto_shorthash_siphashx24(out, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size(), secret.data());
}

// A bijection that spreads few varying bits over a word (the finaliser of splitmix64).
uint64_t spread(uint64_t v) {
  v += 0x9e3779b97f4a7c15ULL;
  v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
  v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
  return v ^ v >> 31;
}

// The last bit goes to the tag alone, so that two identities share word 1 and shard.
Digest reduce(const Digest& d, uint32_t bits) {
  uint64_t identity = d.high & ((1ULL << bits) - 1);
  uint64_t group = identity >> 1;
  return {spread(group), (spread(~group) & ~1ULL) | (identity & 1)};
}

}  // namespace

HashKind Hasher::best_kind() {
  return AesCmac::available() ? HashKind::aes_for_short_keys : HashKind::siphash;
}

bool Hasher::can_compute(HashKind kind) {
  return kind == HashKind::siphash ||
         (kind == HashKind::aes_for_short_keys && AesCmac::available());
}

Hasher::Hasher(const Secret& secret, uint32_t hash_bits, HashKind kind)
    : secret_(secret), hash_bits_(hash_bits) {
  STAVE_CHECK(can_compute(kind));
#if !defined(__x86_64__)
  fast_ = true;  // nothing is taken for granted there
#endif
  if (kind == HashKind::siphash) return;
  constexpr Bytes kPurpose = "stave: the key of AES-CMAC for keys of up to 64 bytes";
  static_assert(kPurpose.size() <= kAesKeyMax);  // so SipHash never gets a key that equals it
  std::array<uint8_t, 16> key{};
  siphash(kPurpose, secret_, key.data());
  aes_.emplace(key);
  fast_ = true;
}

Digest Hasher::operator()(Bytes key) const {
  Digest d;
  if (__builtin_expect(aes_.has_value() && key.size() <= kAesKeyMax, 1)) {
    (*aes_)(key, &d.high, &d.low);
  } else {
    unsigned char out[sizeof(Digest)];
    siphash(key, secret_, out);
    d = {load_le<uint64_t>(out), load_le<uint64_t>(out + sizeof(uint64_t))};
  }
  if (__builtin_expect(hash_bits_ != 0 && hash_bits_ < 64, 0)) return reduce(d, hash_bits_);
  return d;
}

void random_bytes(void* to, size_t n) {
  // A static initialiser runs once, whichever threads come first; sodium_init is not itself
  // needed by the hash, only by the random generator.
  static const bool ready = sodium_init() >= 0;
  STAVE_CHECK(ready);
  randombytes_buf(to, n);
}

}  // namespace stave
