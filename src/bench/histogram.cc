#include "bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace stave::bench {

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

uint64_t Histogram::top_of(size_t cell) {
  if (cell < kCells) return cell;
  const size_t shift = cell / kCells - 1;
  return ((kCells + cell % kCells + 1) << shift) - 1;
}

uint64_t Histogram::percentile(double share) const {
  if (count_ == 0) return 0;
  auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  wanted = std::clamp<uint64_t>(wanted, 1, count_);
  uint64_t seen = 0;
  for (size_t i = 0; i < cells_.size(); ++i) {
    seen += cells_[i];
    if (seen >= wanted) return std::min(top_of(i), max_);
  }
  return max_;
}

}  // namespace stave::bench
