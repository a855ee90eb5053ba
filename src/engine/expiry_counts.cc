#include "engine/expiry_counts.h"

#include <algorithm>
#include <bit>

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

// Span 0: expired when the counting began; 1: within the first second.
unsigned ExpiryCounts::span_of(uint64_t ms) {
  if (ms == 0) return 0;
  const unsigned octave = std::bit_width(ms) - 1;
  if (octave < kFirstOctave) return 1;
  const auto part = static_cast<unsigned>(ms >> (octave - 2)) % kParts;
  return 2 + (octave - kFirstOctave) * kParts + part;
}

uint64_t ExpiryCounts::end_of(unsigned span) {
  if (span == 0) return 0;
  if (span == 1) return 1ULL << kFirstOctave;
  const unsigned octave = kFirstOctave + (span - 2) / kParts;
  return (kParts + (span - 2) % kParts + 1ULL) << (octave - 2);
}

void ExpiryCounts::add(uint64_t at_ms, uint64_t now_ms) {
  any_.store(true, kRelaxed);
  uint64_t from = 0;
  if (from_ms_.compare_exchange_strong(from, now_ms, kRelaxed)) from = now_ms;
  uint64_t first = first_ms();
  while (at_ms < first && !first_ms_.compare_exchange_weak(first, at_ms, kRelaxed)) {
  }
  const unsigned span = span_of(at_ms - std::min(at_ms, from));
  if (span < kSpans) counts_[span].fetch_add(1, kRelaxed);
}

uint64_t ExpiryCounts::expired_by(uint64_t ms) const {
  const uint64_t from = from_ms_.load(kRelaxed);
  if (from == 0 || ms < from) return 0;
  uint64_t sum = 0;
  for (unsigned span = 0; span < kSpans && end_of(span) <= ms - from; ++span) {
    sum += counts_[span].load(kRelaxed);
  }
  return sum;
}

}  // namespace stave
