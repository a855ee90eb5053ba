// How fast bytes may be moved: says how long to wait, does not wait itself.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "engine/space_pressure.h"

namespace stave {

class RateLimiter {
 public:
  // bytes_per_second 0: no limit. `pressure` may lift it for a time.
  RateLimiter(const Clock& clock, uint64_t bytes_per_second,
              const SpacePressure* pressure = nullptr)
      : clock_(clock), bytes_per_second_(bytes_per_second), pressure_(pressure) {}

  // Takes note of bytes that were moved. Returns when (Clock::now_us) the next may be moved.
  // Unused time is forfeited, so a pause is not followed by a burst.
  uint64_t charge(uint64_t bytes);
  [[nodiscard]] bool limits() const { return bytes_per_second_ != 0; }
  [[nodiscard]] uint64_t bytes_per_second() const { return bytes_per_second_; }

 private:
  const Clock& clock_;
  const uint64_t bytes_per_second_;
  const SpacePressure* const pressure_;
  uint64_t due_us_ = 0;
};

}  // namespace stave
