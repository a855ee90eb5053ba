// What the environment says of how random tests run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace stave::test {

// STAVE_TEST_SEED replays a run; else every run draws its own and prints it.
inline uint64_t seed() {
  static const uint64_t value = [] {
    const char* text = std::getenv("STAVE_TEST_SEED");
    const uint64_t s = text != nullptr ? std::strtoull(text, nullptr, 0) : std::random_device{}();
    std::printf("STAVE_TEST_SEED=%llu\n", static_cast<unsigned long long>(s));
    return s;
  }();
  return value;
}

// STAVE_TEST_SCALE (percent) shortens what a sanitizer makes slow.
inline uint64_t scaled(uint64_t n, uint64_t least) {
  const char* text = std::getenv("STAVE_TEST_SCALE");
  const uint64_t percent = text != nullptr ? std::strtoull(text, nullptr, 0) : 100;
  return percent < 100 ? std::max(least, n * percent / 100) : n;
}

}  // namespace stave::test
