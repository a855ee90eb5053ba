// Byte strings and little-endian fields. The same bytes on every platform.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace stave {

// Keys and values inside the engine: any bytes, compared as unsigned, like memcmp.
using Bytes = std::string_view;

static_assert(std::endian::native == std::endian::little,
              "fields are read in place: a big-endian port must swap in load/store below");

template <typename T>
[[nodiscard]] inline T load_le(const void* from) {
  T v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <typename T>
inline void store_le(void* to, T v) {
  std::memcpy(to, &v, sizeof v);
}

[[nodiscard]] constexpr uint64_t align_up(uint64_t n, uint64_t unit) {
  return (n + unit - 1) / unit * unit;
}

}  // namespace stave
