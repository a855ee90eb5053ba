// How a shard grows and shrinks: a step moves the keys of kStepHomes home positions.
//
// The two directions are mirror images. In growth every moved cell goes right or stays, in
// shrinking left or stays, because homes rise (fall) and positions follow from homes alone:
// position = max(home, position before + 1). So neither needs a buffer.
#include <algorithm>

#include "base/bytes.h"
#include "engine/keydir_shard.h"

namespace stave {

namespace {

// Homes moved by one step, which bounds what a put may wait for. Smaller tables move at once.
// docs/keydir.md has the measurements.
constexpr uint64_t kStepHomes = 16384;

}  // namespace

// The cells that a growth step moves: the used ones from `first` to `last`, `count` of them,
// without the free gap [gap_from, gap_to) between the old and the new layout. They will stand
// from their homes on, the last one at `target`.
struct KeydirShard::Span {
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t count = 0;
  uint32_t gap_from = UINT32_MAX;
  uint32_t gap_to = 0;
  uint32_t target = 0;
};

Status KeydirShard::begin_growth() {
  const uint64_t capacity = high_.load(kRelaxed);
  const uint64_t larger =
      std::min<uint64_t>(capacity + capacity / kGrowthDivisor + 1, rows_->reserved() - kSlack);
  if (larger <= capacity) {
    return Status(Code::store_full, "the keydir's address space is used up (ulimit -v?)");
  }
  STAVE_RETURN_IF_ERROR(ensure_accessible(larger + kSlack));
  high_.store(static_cast<uint32_t>(larger), std::memory_order_release);
  return {};
}

KeydirShard::Span KeydirShard::measure(Uint128 split, uint64_t new_split) const {
  const uint32_t low = low_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  const uint32_t old_stop = scale(split, low);  // a free cell from here on ends the old layout
  Span s;
  s.gap_to = scale(split, high);
  s.first = scale(new_split, low);
  while (word0(s.first) != 0 && word1(s.first) < new_split) ++s.first;
  uint64_t next = s.first;  // the first position that the next cell may take
  for (uint32_t at = s.first; at < accessible_; ++at) {
    if (word0(at) == 0) {
      if (at < old_stop) continue;
      if (at >= s.gap_to) {
        if (at >= next) break;
        continue;
      }
      s.gap_from = at;
      if (next <= s.gap_to) break;
      at = s.gap_to - 1;
      continue;
    }
    const uint64_t w1 = word1(at);
    const uint64_t target = std::max<uint64_t>(scale(w1, high), next);
    if (w1 >= split && target == at) break;  // from here on nothing changes
    s.last = at;
    s.target = static_cast<uint32_t>(target);
    ++s.count;
    next = target + 1;
  }
  return s;
}

// Packs the cells against the right end of where they go, then lays them out from the left: a
// packed cell never stands left of its place. What the first pass leaves behind, the second
// overwrites, with cells or with zeros.
void KeydirShard::lay_out(const Span& s, uint32_t capacity) {
  touch(s.target + 1);
  uint32_t packed = s.target + 1;
  for (uint32_t at = s.last, left = s.count; left > 0; --at) {
    if (at >= s.gap_from && at < s.gap_to) at = s.gap_from - 1;
    // A free cell is written too, and overwritten by the next: the branch would be mispredicted
    // at every tenth cell.
    const uint64_t w0 = word0(at);
    store(packed - 1, w0, word1(at));
    packed -= w0 != 0;
    left -= w0 != 0;
  }
  uint32_t next = s.first;
  for (uint32_t at = packed; at <= s.target; ++at) {
    const uint64_t w0 = word0(at);
    const uint64_t w1 = word1(at);
    const uint32_t target = std::max(scale(w1, capacity), next);
    for (; next < target; ++next) {
      // Pages that nobody used yet stay untouched.
      if (next == s.gap_from) next = std::min(std::max(next, packed), target);
      if (next < target) store(next, 0, 0);
    }
    store(target, w0, w1);
    next = target + 1;
  }
  end_ = std::max(end_, next);
}

Status KeydirShard::grow_step() {
  const bool begins = low_.load(kRelaxed) == high_.load(kRelaxed);
  if (begins) STAVE_RETURN_IF_ERROR(begin_growth());
  const uint32_t low = low_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  const Uint128 split = begins ? kWholeRange : split_.load(kRelaxed);
  const Uint128 width = kWholeRange / low * kStepHomes;
  const uint64_t new_split = split > width ? static_cast<uint64_t>(split - width) : 0;

  const Span s = measure(split, new_split);
  if (Status st = ensure_accessible(uint64_t{s.target} + 2); !st.ok()) {
    if (begins) high_.store(low, std::memory_order_release);
    return st;
  }
  if (s.count > 0) lay_out(s, high);
  set_shape(new_split == 0 ? high : low, high, new_split);
  refresh_limits();
  return {};
}

void KeydirShard::shrink_step() {
  const bool begins = low_.load(kRelaxed) == high_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  if (begins) {
    low_.store(std::max(initial_, high - high / (kGrowthDivisor + 1) - 1),
               std::memory_order_release);
  }
  const uint32_t low = low_.load(kRelaxed);
  const uint64_t split = begins ? 0 : split_.load(kRelaxed);
  const Uint128 new_split = std::min(split + kWholeRange / high * kStepHomes, kWholeRange);
  const uint32_t stop = scale(new_split, high);  // a free cell from here on ends the step

  uint32_t next = scale(split, low);
  while (word0(next) != 0 && word1(next) < split) ++next;
  for (uint32_t at = std::max(next, scale(split, high)); at < end_; ++at) {
    if (word0(at) == 0) {
      if (at >= stop) break;
      continue;
    }
    const uint64_t w1 = word1(at);
    const uint32_t target = std::max(scale(w1, w1 < new_split ? low : high), next);
    if (w1 >= new_split && target == at) break;
    move(target, at);
    next = target + 1;
  }
  if (new_split == kWholeRange) {
    finish_shrink();
  } else {
    set_shape(low, high, static_cast<uint64_t>(new_split));
  }
  refresh_limits();
}

void KeydirShard::finish_shrink() {
  const uint32_t capacity = low_.load(kRelaxed);
  set_shape(capacity, capacity, 0);
  // All homes are below the capacity, so by S2 nothing stands beyond the first free cell there.
  uint32_t end = capacity;
  while (end < end_ && word0(end) != 0) ++end;
  end_ = std::min(end_, end);
  give_back();
}

}  // namespace stave
