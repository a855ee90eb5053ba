// SplitMix64: the same numbers for a seed everywhere, and free to set up.
#pragma once

#include <cstdint>

namespace stave::test {

class FaultRandom {
 public:
  explicit FaultRandom(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t n) { return next() % n; }
  bool chance(uint64_t percent) { return below(100) < percent; }
  // How likely things survive one crash: nothing, all, or anything between, since each of them
  // finds different bugs.
  uint64_t survival_percent() {
    switch (below(4)) {
      case 0:
        return 0;
      case 1:
        return 100;
      case 2:
        return 50;
      default:
        return below(101);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace stave::test
