#include "engine/space_pressure.h"

#include <algorithm>

namespace stave {
namespace {

constexpr uint64_t kAllowedMin = 1ULL << 30;
// With pauses of this length the writer still brings 64 MiB in a second.
constexpr uint64_t kPauseMostUs = 4000;
constexpr uint64_t kGrowingUs = 3'000'000;

}  // namespace

void SpacePressure::note(uint64_t data_bytes, uint64_t kept_bytes) {
  const double dead = static_cast<double>(data_bytes - std::min(kept_bytes, data_bytes));
  const double part = static_cast<double>(target_percent_ - 100);
  const double allowed =
      std::max(static_cast<double>(kept_bytes) * part / 100, static_cast<double>(kAllowedMin));
  level_.store(static_cast<uint64_t>(dead * 1000 / allowed), std::memory_order_relaxed);
}

uint64_t SpacePressure::merge_rate(uint64_t rate, uint64_t now_us) const {
  const uint64_t now = level();
  const uint64_t grown_us = grown_us_.load(std::memory_order_relaxed);
  if (now <= kRising || now_us > grown_us + kGrowingUs) return rate;
  if (now >= kUncapped) return 0;
  // Double in the middle, four times at three quarters, and so on.
  return rate * (kUncapped - kRising) / (kUncapped - now);
}

uint64_t SpacePressure::put_pause_us() const {
  const uint64_t now = level();
  if (now <= kPausing || !merging_.load(std::memory_order_relaxed)) return 0;
  const uint64_t over = std::min(now, kPausingMost) - kPausing;
  return kPauseMostUs * over / (kPausingMost - kPausing);
}

}  // namespace stave
