// What the shards of a keydir share about the checkpoint that they were adopted from: which
// addresses it may name, and what happens when a shard turns out to be damaged.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"

namespace stave {

class KeydirPatch;

// The addresses that a checkpoint's slots may hold: checksums keep damage out, not whoever can
// write one. Empty, it lets all pass.
class KeydirCover {
 public:
  // Addresses first..end are covered in an extent of so many granules (address_space.h).
  void add(uint64_t first_granule, uint64_t granules, uint64_t first, uint64_t end);
  [[nodiscard]] bool holds(uint64_t address) const;

 private:
  struct Range {
    uint64_t first = 0;
    uint64_t end = 0;
  };
  std::vector<Range> granules_;
};

class KeydirHealth {
 public:
  using Fill = std::function<Status(KeydirPatch&)>;

  // While nobody else uses the keydir.
  void set_cover(KeydirCover cover) { cover_ = std::move(cover); }
  void set_fill(Fill fill) { fill_ = std::move(fill); }
  [[nodiscard]] const KeydirCover& cover() const { return cover_; }
  [[nodiscard]] bool can_repair() const { return fill_ != nullptr; }
  void set_repair(std::function<void()> repair) { repair_ = std::move(repair); }

  // Returns when no shard that was broken at the call is so any more.
  void repair() const { repair_(); }
  Status fill(KeydirPatch& patch) const;

  // A shard was damaged and is whole again.
  [[nodiscard]] bool repaired() const { return repaired_.load(std::memory_order_relaxed); }
  void set_repaired() { repaired_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool damaged() const { return damaged_.load(std::memory_order_acquire); }
  void set_damaged(bool damaged) { damaged_.store(damaged, std::memory_order_release); }

 private:
  KeydirCover cover_;
  Fill fill_;
  std::function<void()> repair_;
  std::atomic<bool> damaged_{false};
  std::atomic<bool> repaired_{false};
};

}  // namespace stave
