#include "engine/rate_limiter.h"

#include <algorithm>

namespace stave {

uint64_t RateLimiter::charge(uint64_t bytes) {
  const uint64_t now = clock_.now_us();
  const uint64_t rate = limits() && pressure_ != nullptr
                            ? pressure_->merge_rate(bytes_per_second_, now)
                            : bytes_per_second_;
  if (rate == 0) return now;
  // Whole seconds and the rest apart: bytes * 10^6 could overflow.
  const uint64_t whole = bytes / rate;
  const uint64_t rest = bytes % rate;
  const auto part =
      static_cast<uint64_t>(static_cast<double>(rest) * 1e6 / static_cast<double>(rate));
  due_us_ = std::max(due_us_, now) + whole * 1'000'000 + part;
  return due_us_;
}

}  // namespace stave
