// Range deletions whose keys still have slots in the keydir. Until a sweep (range_sweep.h) has
// taken those, whoever follows a slot compares the record's number with them.
//
// Invariants
//  D1. A range is listed before the call that made it returns. It leaves when the slots of all
//      older records in it are gone, and after that all guards of the store's reads which had begun
//      before: a reader that has found such a slot still finds the range.
//  D2. What changes the list happens under one lock: the writer's mutex, or a read-only store's
//      refresh_mutex_. Who compares holds that lock or is inside a guard of the store's reads.
//  D3. What was replaced is freed when both kinds of readers are gone (take_retired).
//
// Threads: any() and count() by any; the rest as D2 says.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "engine/range_cover.h"

namespace stave {

// Ranges that may wait for a sweep: what comes then sweeps first.
inline constexpr size_t kUnsweptMax = 1000;

using RangeList = std::vector<HintRangeTombstone>;

class RangeDeletes {
 public:
  struct Part {
    RangeList list;
    RangeCover cover;
  };
  // What is listed, as one piece that readers see whole. Each part is longer than the next, so
  // that a range more costs the last parts only, and states share the others.
  struct State {
    std::vector<std::shared_ptr<const Part>> parts;
    size_t count = 0;
    [[nodiscard]] uint64_t seq_over(Bytes key) const;
  };

  RangeDeletes() = default;
  ~RangeDeletes();
  RangeDeletes(const RangeDeletes&) = delete;
  RangeDeletes& operator=(const RangeDeletes&) = delete;

  [[nodiscard]] bool any() const { return count() != 0; }
  // Acquire: who sees that a range is gone sees the slots that went before.
  [[nodiscard]] size_t count() const { return count_.load(std::memory_order_acquire); }
  // The number of the newest listed range over the key; 0: there is none.
  [[nodiscard]] uint64_t seq_over(Bytes key) const {
    const State* now = state_.load(std::memory_order_acquire);
    return __builtin_expect(now == nullptr, 1) ? 0 : now->seq_over(key);
  }
  [[nodiscard]] RangeList list() const;

  // A change in two steps, of which the second cannot fail: bad_alloc comes before anything is
  // written.
  [[nodiscard]] std::unique_ptr<State> with(const RangeList& more);
  void publish(std::unique_ptr<State> next) noexcept;
  void add(const RangeList& more) { publish(with(more)); }
  void remove(const RangeList& swept);
  void remove_up_to(uint64_t seq);

  // To be freed after readers inside guards are gone.
  [[nodiscard]] std::vector<std::unique_ptr<const State>> take_retired();
  [[nodiscard]] size_t retired() const { return retired_.size(); }

  // `changed` is called after every change, where that happens.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  std::unique_ptr<State> made_of(RangeList list);
  void replace(RangeList left);

  std::atomic<const State*> state_{nullptr};  // owned; null: nothing is listed
  std::atomic<size_t> count_{0};
  std::vector<std::unique_ptr<const State>> retired_;
  std::function<void()> changed_;
};

}  // namespace stave
