// Memory asked for ahead of its use.
#pragma once

#include <cstdint>

namespace stave {

// The cache lines of [at, at + bytes), at least one.
inline void prefetch_lines(const char* at, uint64_t bytes) {
  constexpr uint64_t kCacheLine = 64;
  for (uint64_t i = 0; i < bytes; i += kCacheLine) __builtin_prefetch(at + i);
  __builtin_prefetch(at + bytes - 1);
  // Or gcc 12 takes it for a function without effect, and leaves calls of it out.
  asm volatile("");
}

}  // namespace stave
