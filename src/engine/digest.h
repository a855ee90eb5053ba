// The identity of a key in the keydir: 128 bits of a keyed hash (SipHash-2-4-128 by libsodium),
// of which a slot keeps 90. The secret is random per keydir, so nobody can craft collisions.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace stave {

using Secret = std::array<uint8_t, 16>;

struct Digest {
  uint64_t high = 0;  // order within a shard
  uint64_t low = 0;   // top 8 bits: the shard; low 18 bits: kept beside the location
};

class Hasher {
 public:
  // hash_bits: 0 for the whole hash, else only that many bits of it are used (a test hook that
  // makes collisions happen).
  explicit Hasher(const Secret& secret, uint32_t hash_bits = 0)
      : secret_(secret), hash_bits_(hash_bits) {}
  [[nodiscard]] Digest operator()(Bytes key) const;
  [[nodiscard]] const Secret& secret() const { return secret_; }
  [[nodiscard]] uint32_t hash_bits() const { return hash_bits_; }

 private:
  Secret secret_;
  uint32_t hash_bits_;
};

// Random bytes from the system (libsodium), for secrets, salts, lineages and UUIDs.
void random_bytes(void* to, size_t n);

}  // namespace stave
