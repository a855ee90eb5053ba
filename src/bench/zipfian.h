// Ranks by Zipf's law, by the method of Gray et al. ("Quickly generating billion-record synthetic
// databases"), as YCSB draws them: rank r comes up in proportion to 1 / (r + 1)^theta.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/records.h"

namespace stave::bench {

inline constexpr double kZipfianTheta = 0.99;

class Zipfian {
 public:
  // REQUIRES: count >= 1, 0 < theta < 1. Takes time in proportion to count.
  explicit Zipfian(uint64_t count, double theta = kZipfianTheta);

  uint64_t next(Random& random) const;  // in [0, count); 0 is the most frequent

 private:
  uint64_t count_;
  double zeta_;
  double alpha_;
  double eta_;
  double second_;  // below this share of zeta the rank is 0 or 1
};

// `length` record numbers below `count`, drawn before the clock runs: a draw takes longer than a
// fast get. Hot records are scattered over the whole store unless `latest`, where the newest
// (highest) are the hottest.
std::vector<uint32_t> zipfian_picks(uint64_t count, uint64_t length, uint64_t seed, bool latest);

}  // namespace stave::bench
