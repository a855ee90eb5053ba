#include "bench/zipfian.h"

#include <algorithm>
#include <cmath>

namespace stave::bench {

Zipfian::Zipfian(uint64_t count, double theta) : count_(count), zeta_(0) {
  for (uint64_t i = 1; i <= count; ++i) zeta_ += std::pow(static_cast<double>(i), -theta);
  second_ = 1 + std::pow(0.5, theta);
  alpha_ = 1 / (1 - theta);
  eta_ = (1 - std::pow(2.0 / static_cast<double>(count), 1 - theta)) / (1 - second_ / zeta_);
}

uint64_t Zipfian::next(Random& random) const {
  const double u = random.fraction();
  const double share = u * zeta_;
  if (share < 1 || count_ == 1) return 0;
  if (share < second_ || count_ == 2) return 1;
  const auto rank =
      static_cast<uint64_t>(static_cast<double>(count_) * std::pow(eta_ * u - eta_ + 1, alpha_));
  return std::min(rank, count_ - 1);
}

std::vector<uint32_t> zipfian_picks(uint64_t count, uint64_t length, uint64_t seed, bool latest) {
  const Zipfian zipfian(count);
  Random random(seed);
  std::vector<uint32_t> picks(length);
  for (uint32_t& pick : picks) {
    const uint64_t rank = zipfian.next(random);
    pick = static_cast<uint32_t>(latest ? count - 1 - rank : mix(rank) % count);
  }
  return picks;
}

}  // namespace stave::bench
