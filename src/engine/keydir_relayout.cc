// How a shard grows and shrinks: a step moves the keys of kStepHomes home positions.
//
// The two directions are mirror images. In growth every moved cell goes right or stays, in
// shrinking left or stays, because homes rise (fall) and positions follow from homes alone:
// position = max(home, position before + 1). So neither needs a buffer.
#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "engine/keydir_memory.h"
#include "engine/keydir_shard.h"

namespace stave {

namespace {

// docs/keydir.md has the measurements behind these.
constexpr uint32_t kMaxLoadPercent = 90;
constexpr uint32_t kMinLoadPercent = 60;
constexpr uint32_t kGrowthDivisor = 8;  // a stage adds 1/8
// Homes moved by one step. It makes room for kStepHomes / kGrowthDivisor * load keys.
constexpr uint32_t kStepHomes = 128;
// Cells beyond the last home that are accessible from the start, for what probing pushes there.
constexpr uint32_t kSlack = 64;

constexpr uint64_t cells_to_bytes(uint64_t cells) { return cells * sizeof(KeydirCell); }

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

void KeydirShard::set_shape(uint32_t low, uint32_t high, uint64_t split) {
  low_.store(low, std::memory_order_release);  // release: see the head of keydir_shard.h
  high_.store(high, std::memory_order_release);
  split_.store(split, std::memory_order_release);
}

void KeydirShard::extend_end(uint32_t end) {
  end_ = std::max(end_, end);
  if (end_ > touched_.load(kRelaxed)) touched_.store(end_, kRelaxed);
}

void KeydirShard::refresh_limits() {
  const uint64_t split = split_.load(kRelaxed);
  const uint32_t low = low_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  const uint64_t homes = scale(split, low) + (high - scale(split, high));
  full_above_ = static_cast<uint32_t>(homes * kMaxLoadPercent / 100);
  sparse_below_ = high <= initial_ ? 0 : static_cast<uint32_t>(homes * kMinLoadPercent / 100);
  refresh_room();
}

void KeydirShard::refresh_room() {
  const uint32_t keys = full_above_ > count() ? full_above_ - count() : 0;
  const uint32_t cells = accessible_ > end_ + 1 ? accessible_ - end_ - 1 : 0;
  room_.store(std::min(keys, cells), kRelaxed);
}

Status KeydirShard::ensure_accessible(uint64_t cells) {
  if (cells <= accessible_) return {};
  const uint64_t old_bytes = cells_to_bytes(accessible_);
  if (cells > reserved_) {
    return Status(Code::store_full, "the keydir's address space is used up (ulimit -v?)");
  }
  const uint64_t new_bytes = align_up(cells_to_bytes(cells), kMemoryUnit);
  char* from = reinterpret_cast<char*>(cells_) + old_bytes;
  STAVE_RETURN_IF_ERROR(KeydirMemory::make_accessible(from, new_bytes - old_bytes));
  accessible_ = static_cast<uint32_t>(new_bytes / sizeof(KeydirCell));
  return {};
}

Status KeydirShard::grow_for(uint32_t puts) {
  if (high_.load(kRelaxed) == 0) {
    STAVE_RETURN_IF_ERROR(ensure_accessible(uint64_t{initial_} + kSlack));
    set_shape(initial_, initial_, 0);
    refresh_limits();
  }
  while (uint64_t{count()} + puts > full_above_) STAVE_RETURN_IF_ERROR(grow_step());
  STAVE_RETURN_IF_ERROR(ensure_accessible(uint64_t{end_} + 1 + puts));
  refresh_room();
  return {};
}

Status KeydirShard::begin_growth() {
  const uint64_t capacity = high_.load(kRelaxed);
  const uint64_t larger = std::min<uint64_t>(
      capacity + std::max(capacity / kGrowthDivisor, uint64_t{1}), reserved_ - kSlack);
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
  // Pack them against the right end of where they go, then lay them out from the left: a packed
  // cell never stands left of its place.
  uint32_t packed = s.target + 1;
  for (uint32_t at = s.last, left = s.count; left > 0; --at) {
    if (at >= s.gap_from && at < s.gap_to) at = s.gap_from - 1;
    if (word0(at) == 0) continue;
    move(--packed, at);
    --left;
  }
  uint32_t next = s.first;
  for (uint32_t at = packed; at < packed + s.count; ++at) {
    const uint32_t target = std::max(scale(word1(at), high), next);
    move(target, at);
    next = target + 1;
  }
  if (s.count > 0) extend_end(s.target + 1);
  set_shape(new_split == 0 ? high : low, high, new_split);
  refresh_limits();
  return {};
}

void KeydirShard::shrink_step() {
  const bool begins = low_.load(kRelaxed) == high_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  if (begins) {
    const uint32_t smaller = std::max(initial_, high - std::max(high / (kGrowthDivisor + 1), 1U));
    low_.store(smaller, std::memory_order_release);
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
  wipe(align_up(cells_to_bytes(end_ + 1ULL), kTablePage));
}

// Free cells from here on: gives their pages back.
void KeydirShard::wipe(uint64_t from_bytes) {
  char* base = reinterpret_cast<char*>(cells_);
  const uint64_t to_bytes =
      std::max(align_up(cells_to_bytes(touched_.load(kRelaxed)), kTablePage), adopted_bytes_);
  const uint64_t anonymous_from = std::max(from_bytes, adopted_bytes_);
  auto zero = [this](uint64_t from, uint64_t to) STAVE_NO_TSA {
    for (uint64_t i = from; i < to; i += sizeof(KeydirCell)) {
      store(static_cast<uint32_t>(i / sizeof(KeydirCell)), 0, 0);
    }
  };
  if (from_bytes < adopted_bytes_) {
    if (KeydirMemory::replace_by_zeros(base + from_bytes, adopted_bytes_ - from_bytes)) {
      adopted_bytes_ = from_bytes;
    } else {
      zero(from_bytes, adopted_bytes_);
    }
  }
  if (anonymous_from < to_bytes &&
      !KeydirMemory::release(base + anonymous_from, to_bytes - anonymous_from)) {
    zero(anonymous_from, to_bytes);
  }
  const auto left = static_cast<uint32_t>(from_bytes / sizeof(KeydirCell));
  touched_.store(std::min(touched_.load(kRelaxed), left), kRelaxed);
}

}  // namespace stave
