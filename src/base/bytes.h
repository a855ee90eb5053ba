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

// memcpy for what is mostly a few bytes, as keys are: a call of it would cost more than the copy.
inline void copy_short(char* to, const char* from, size_t n) {
  const auto both_ends = [&](auto word) {
    std::memcpy(&word, from, sizeof word);
    auto last = word;
    std::memcpy(&last, from + n - sizeof last, sizeof last);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + n - sizeof last, &last, sizeof last);
  };
  if (n - 8 <= 8) {
    both_ends(uint64_t{});
  } else if (n - 4 < 4) {
    both_ends(uint32_t{});
  } else if (n < 4) {
    for (size_t i = 0; i < n; ++i) to[i] = from[i];
  } else {
    std::memcpy(to, from, n);
  }
}

[[nodiscard]] constexpr uint64_t align_up(uint64_t n, uint64_t unit) {
  return (n + unit - 1) / unit * unit;
}

}  // namespace stave
