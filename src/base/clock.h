// Time, injected so that tests can set it.
#pragma once

#include <cstdint>

namespace stave {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock, Unix time in milliseconds: decides expiry and is shown to people.
  [[nodiscard]] virtual uint64_t now_ms() const = 0;
  // Monotonic, for durations and rates.
  [[nodiscard]] virtual uint64_t now_us() const = 0;
  // Hours 0..23 of local time, for merge windows.
  [[nodiscard]] virtual int local_hour() const = 0;
};

// The machine's clock; lives for ever.
const Clock& system_clock();

}  // namespace stave
