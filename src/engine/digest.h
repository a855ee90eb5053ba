// The identity of a key in the keydir: 128 bits of a keyed hash, of which a slot keeps 90. The
// secret is random per keydir, so nobody can craft collisions.
//
// The hash is SipHash-2-4-128 (libsodium); where the processor has AES instructions, keys of up
// to 64 bytes take AES-128-CMAC instead, under a key of its own drawn from the same secret. Both
// are pseudo-random functions, and no key is ever hashed by both.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "engine/digest_aes.h"

namespace stave {

using Secret = std::array<uint8_t, 16>;

struct Digest {
  uint64_t high = 0;  // order within a shard
  uint64_t low = 0;   // top 8 bits: the shard; low 18 bits: kept beside the location
};

// Which function, as KEYDIR keeps it.
enum class HashKind : uint32_t { siphash = 0, aes_for_short_keys = 1 };

class Hasher {
 public:
  // The fastest kind that this processor can compute.
  [[nodiscard]] static HashKind best_kind();
  [[nodiscard]] static bool can_compute(HashKind kind);

  // hash_bits: 0 for the whole hash, else only that many bits of it are used (a test hook that
  // makes collisions happen).
  explicit Hasher(const Secret& secret, uint32_t hash_bits = 0, HashKind kind = best_kind());
  [[nodiscard]] Digest operator()(Bytes key) const;
  // The same without a call for short keys. Only if fast() is true.
  [[nodiscard]] STAVE_FAST_CPU Digest digest_fast(Bytes key) const {
#if defined(__x86_64__)
    if (__builtin_expect(key.size() <= kAesKeyMax && hash_bits_ == 0, 1)) {
      Digest d;
      (*aes_)(key, &d.high, &d.low);
      return d;
    }
#endif
    return (*this)(key);
  }
  // Whether functions marked STAVE_FAST_CPU may be used with it.
  [[nodiscard]] bool fast() const { return fast_; }
  [[nodiscard]] const Secret& secret() const { return secret_; }
  [[nodiscard]] uint32_t hash_bits() const { return hash_bits_; }
  [[nodiscard]] HashKind kind() const {
    return aes_ ? HashKind::aes_for_short_keys : HashKind::siphash;
  }

 private:
  // Beyond it SipHash takes fewer cycles: AES does 16 bytes at a time and each waits for the last.
  static constexpr size_t kAesKeyMax = 64;

  Secret secret_;
  uint32_t hash_bits_;
  bool fast_ = false;
  std::optional<AesCmac> aes_;
};

// Random bytes from the system (libsodium), for secrets, salts, lineages and UUIDs.
void random_bytes(void* to, size_t n);

}  // namespace stave
