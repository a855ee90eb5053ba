// How close the store's files have come to the space that merging aims to stay below
// (merge.space_target), and what follows: background merges may exceed merge.rate, and where even
// that is not enough, puts are held up for moments, so that space does not grow without end.
//
// Dead bytes below half of what the target allows change nothing, and a store may always have
// some: small ones need no care.
//
// Threads: all methods by any.
#pragma once

#include <atomic>
#include <cstdint>

namespace stave {

class SpacePressure {
 public:
  // target_percent: of the live bytes, above 100.
  explicit SpacePressure(uint64_t target_percent) : target_percent_(target_percent) {}

  // Statistics of the moment, of all data files: their bytes, and those that merging keeps.
  void note(uint64_t data_bytes, uint64_t kept_bytes);
  // The writer has filled another file.
  void note_growth(uint64_t now_us) { grown_us_.store(now_us, std::memory_order_relaxed); }
  // Whether a background merge is at work: without one, holding up puts would not help.
  void note_merging(bool merging) { merging_.store(merging, std::memory_order_relaxed); }

  // Merges had better begin with what frees most.
  [[nodiscard]] bool high() const { return level() >= kRising; }
  // Bytes per second in place of `rate`, which is not 0; 0: no cap. While nothing grows there is no
  // hurry, and others may want the disk and the processors.
  [[nodiscard]] uint64_t merge_rate(uint64_t rate, uint64_t now_us) const;
  // How long the writer shall pause after each quarter of a MiB of puts.
  [[nodiscard]] uint64_t put_pause_us() const;

 private:
  // Dead bytes in thousandths of what is allowed.
  static constexpr uint64_t kRising = 500, kUncapped = 600, kPausing = 750, kPausingMost = 850;
  [[nodiscard]] uint64_t level() const { return level_.load(std::memory_order_relaxed); }

  const uint64_t target_percent_;
  std::atomic<uint64_t> level_{0};
  std::atomic<uint64_t> grown_us_{0};
  std::atomic<bool> merging_{false};
};

}  // namespace stave
