// When a shard grows or shrinks, and what memory it holds.
#include <algorithm>

#include "base/bytes.h"
#include "engine/keydir_memory.h"
#include "engine/keydir_shard.h"

namespace stave {

namespace {

constexpr uint32_t kPercent = 100;
// A stage of growth begins at this part (an eighth of a stage) below the full load, and its
// steps are spread over that: the keys that wait for their step in the smaller layout must not
// crowd there beyond the full load.
constexpr uint32_t kHeadStart = 8 * (kGrowthDivisor + 1);

constexpr uint64_t cells_to_bytes(uint64_t cells) { return cells * sizeof(KeydirCell); }

}  // namespace

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
  // The smaller layout bounds the load until the last key has left it.
  const uint64_t full = uint64_t{low} * kKeydirMaxLoadPercent / kPercent;
  const uint64_t done = low == high ? 0 : UINT64_MAX - split;
  full_above_ = static_cast<uint32_t>(full - full / kHeadStart + scale(done, full / kHeadStart));
  const uint64_t homes = scale(split, low) + (high - scale(split, high));
  sparse_below_ =
      high <= initial_ ? 0 : static_cast<uint32_t>(homes * kKeydirMinLoadPercent / kPercent);
  refresh_room();
}

void KeydirShard::refresh_room() {
  const uint32_t keys = full_above_ > count() ? full_above_ - count() : 0;
  const uint32_t cells = accessible_ > end_ + 1 ? accessible_ - end_ - 1 : 0;
  room_.store(std::min(keys, cells), kRelaxed);
}

Status KeydirShard::ensure_accessible(uint64_t cells) {
  if (cells <= accessible_) return {};
  if (cells > reserved_) {
    return Status(Code::store_full, "the keydir's address space is used up (ulimit -v?)");
  }
  const uint64_t old_bytes = cells_to_bytes(accessible_);
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

// Gives back the pages of free cells, which then read as zeros. False: not all of them.
bool KeydirShard::give_back(uint32_t from, uint32_t to) {
  char* base = reinterpret_cast<char*>(cells_);
  bool all = true;
  const uint32_t anonymous_from = std::max(from, adopted_);
  if (from < adopted_) {
    // adopted_ is where a file's pages end; a hole in front of it would have to be remembered.
    all = to >= adopted_ && KeydirMemory::replace_by_zeros(base + cells_to_bytes(from),
                                                           cells_to_bytes(adopted_ - from));
    if (all) adopted_ = from;
  }
  if (anonymous_from >= to) return all;
  const uint64_t bytes = align_up(cells_to_bytes(to - anonymous_from), kCheckpointAlign);
  return KeydirMemory::release(base + cells_to_bytes(anonymous_from), bytes) && all;
}

void KeydirShard::clear() {
  set_shape(0, 0, 0);
  count_.store(0, kRelaxed);
  const uint32_t used = std::max(touched_.load(kRelaxed), adopted_);
  if (!give_back(0, used)) {
    for (uint32_t i = 0; i < used; ++i) store(i, 0, 0);
  }
  end_ = 0;
  touched_.store(0, kRelaxed);
  refresh_limits();
}

}  // namespace stave
