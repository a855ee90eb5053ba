// How many puts of a data file expire by when, roughly: so that merges notice what has expired.
//
// Times are counted from the first record on, in spans of a quarter octave: a put counts as expired
// late by at most a fifth of the time that it had.
//
// Threads: any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace stave {

class ExpiryCounts {
 public:
  // A put of the file expires at at_ms.
  void add(uint64_t at_ms, uint64_t now_ms);
  // Puts, superseded ones included, that had expired by then; at most.
  [[nodiscard]] uint64_t expired_by(uint64_t ms) const;

  // When the first of them expires, superseded ones included.
  [[nodiscard]] uint64_t first_ms() const { return first_ms_.load(std::memory_order_relaxed); }

  // All of the file's puts so far were added, and those to come will be. Files whose records were
  // not read, since the keydir's checkpoint spared it, may have any.
  void set_complete() { complete_.store(true, std::memory_order_release); }
  // Nobody will ever know.
  void give_up() {
    any_.store(true, std::memory_order_relaxed);
    set_complete();
  }
  [[nodiscard]] bool complete() const { return complete_.load(std::memory_order_acquire); }
  // Whether a record of the file may expire at all.
  [[nodiscard]] bool may_expire() const {
    return !complete() || any_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr unsigned kFirstOctave = 10;  // about a second
  static constexpr unsigned kLastOctave = 38;   // about nine years: later ones are not counted
  static constexpr unsigned kParts = 4;
  static constexpr unsigned kSpans = 2 + (kLastOctave - kFirstOctave + 1) * kParts;
  static unsigned span_of(uint64_t ms);
  static uint64_t end_of(unsigned span);

  std::array<std::atomic<uint32_t>, kSpans> counts_{};
  std::atomic<uint64_t> from_ms_{0};
  std::atomic<uint64_t> first_ms_{UINT64_MAX};
  std::atomic<bool> any_{false};
  std::atomic<bool> complete_{false};
};

}  // namespace stave
