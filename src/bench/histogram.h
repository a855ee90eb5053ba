// Latencies in nanoseconds, log-linear: 64 equal cells for each power of two, so that a percentile
// is at most 1/64 (1.6 %) above the truth. Adding costs a few instructions. One thread; merge
// those of several.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stave::bench {

class Histogram {
 public:
  void add(uint64_t nanoseconds) {
    ++cells_[cell_of(nanoseconds)];
    ++count_;
    if (nanoseconds > max_) max_ = nanoseconds;
  }
  void merge(const Histogram& other);

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  // The least bound that `share` (0 to 1) of the values do not exceed; 0 if there are none.
  uint64_t percentile(double share) const;

 private:
  static constexpr unsigned kBits = 6;
  static constexpr uint64_t kCells = 1u << kBits;  // for each power of two

  static size_t cell_of(uint64_t value) {
    if (value < kCells) return value;
    unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return (shift + 1) * kCells + ((value >> shift) - kCells);
  }
  // The greatest value of a cell.
  static uint64_t top_of(size_t cell);

  std::vector<uint64_t> cells_ = std::vector<uint64_t>((64 - kBits + 1) * kCells);
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace stave::bench
