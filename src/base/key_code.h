// Comparing keys by numbers: how far two are alike, and offset-value codes for merging.
//
// Of two keys that are not below a third one, the base, the one that shares more with it is the
// smaller; if both share as much, what follows decides. A code is that as one number: 2^16 - 1
// minus how many whole blocks of six bytes are shared, then the key's next block, zeros behind its
// end. 0 says that the key is the base. Of two keys with different codes to one base, the smaller
// code is the smaller key's, and the greater one holds relative to that key as well.
#pragma once

#include <bit>

#include "base/bytes.h"
#include "base/limits.h"

namespace stave {

// How many bytes both begin with.
[[nodiscard]] inline size_t common_prefix(Bytes a, Bytes b) {
  const size_t most = a.size() < b.size() ? a.size() : b.size();
  size_t n = 0;
  for (; n + 8 <= most; n += 8) {
    const uint64_t differ = load_le<uint64_t>(a.data() + n) ^ load_le<uint64_t>(b.data() + n);
    if (differ != 0) return n + static_cast<size_t>(std::countr_zero(differ)) / 8;
  }
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

namespace key_code {

inline constexpr size_t kBlock = 6;
inline constexpr unsigned kBlockBits = 8 * kBlock;
inline constexpr uint64_t kSame = 0;
static_assert(kKeySizeMax / kBlock < UINT16_MAX);

// Eight bytes from there on, big-endian, zeros behind the key's end.
[[nodiscard]] inline uint64_t bytes_at(Bytes key, size_t from) {
  const size_t left = key.size() - from;
  if (left >= 8) return __builtin_bswap64(load_le<uint64_t>(key.data() + from));
  if (left == 0) return 0;
  if (key.size() >= 8) {
    const char* last = key.data() + key.size() - 8;
    return __builtin_bswap64(load_le<uint64_t>(last)) << (64 - 8 * left);
  }
  uint64_t bytes = 0;
  std::memcpy(&bytes, key.data() + from, left);
  return __builtin_bswap64(bytes);
}

// `shared` are the bytes that the key has in common with the base.
[[nodiscard]] inline uint64_t of(Bytes key, size_t shared) {
  if (shared == key.size()) return kSame;
  const uint64_t blocks = shared / kBlock;
  return (UINT16_MAX - blocks) << kBlockBits | bytes_at(key, blocks * kBlock) >> (64 - kBlockBits);
}

// The same for keys that are not above their base: of two, the smaller code is the greater key's.
[[nodiscard]] inline uint64_t of_descending(Bytes key, size_t shared, size_t base_size) {
  if (shared == key.size() && shared == base_size) return kSame;
  const uint64_t blocks = shared / kBlock;
  return (UINT16_MAX - blocks) << kBlockBits | ~bytes_at(key, blocks * kBlock) >> (64 - kBlockBits);
}

// Of a key that follows `base` on a walk upwards or down.
[[nodiscard]] inline uint64_t after(Bytes base, Bytes key, bool down) {
  const size_t shared = common_prefix(base, key);
  return down ? of_descending(key, shared, base.size()) : of(key, shared);
}

// Bytes that all keys with this code to one base have in common with it, at least.
[[nodiscard]] inline size_t shared_by(uint64_t code) {
  return code == kSame ? 0 : (UINT16_MAX - (code >> kBlockBits)) * kBlock;
}

}  // namespace key_code
}  // namespace stave
