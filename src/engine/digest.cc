#include "engine/digest.h"

#include <sodium.h>

#include "base/check.h"

namespace stave {

static_assert(sizeof(Secret) == crypto_shorthash_siphashx24_KEYBYTES);
static_assert(sizeof(Digest) == crypto_shorthash_siphashx24_BYTES);

namespace {

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

Digest Hasher::operator()(Bytes key) const {
  unsigned char out[sizeof(Digest)];
  crypto_shorthash_siphashx24(out, reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                              secret_.data());
  Digest d{load_le<uint64_t>(out), load_le<uint64_t>(out + sizeof(uint64_t))};
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
