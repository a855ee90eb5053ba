// When a shard grows or shrinks, and what memory it holds.
#include <algorithm>

#include "base/bytes.h"
#include "engine/keydir_shard.h"

namespace stave {

namespace {

constexpr uint32_t kPercent = 100;
// A stage of growth begins at this part (an eighth of a stage) below the full load, and its
// steps are spread over that: the keys that wait for their step in the smaller layout must not
// crowd there beyond the full load.
constexpr uint32_t kHeadStart = 8 * (kGrowthDivisor + 1);

}  // namespace

void KeydirShard::set_shape(uint32_t low, uint32_t high, uint64_t split) {
  low_.store(low, std::memory_order_release);  // release: see the head of keydir_shard.h
  high_.store(high, std::memory_order_release);
  split_.store(split, std::memory_order_release);
}

// Before cells up to `end` are written.
void KeydirShard::touch(uint32_t end) {
  if (end <= touched_) return;
  const auto to = static_cast<uint32_t>(align_up(end, kBlockCells));
  rows_->use(touched_, to);
  touched_ = to;
}

Status KeydirShard::address_space_used_up() {
  return {Code::store_full, "the keydir's address space is used up (ulimit -v?)"};
}

uint64_t KeydirShard::full_load(uint64_t capacity) {
  const uint64_t full = capacity * kKeydirMaxLoadPercent / kPercent;
  return full - full / kHeadStart;
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
  return rows_->make_accessible(cells, &accessible_);
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

// What stands beyond the end is zeros.
void KeydirShard::give_back() {
  const auto to = static_cast<uint32_t>(align_up(end_, kBlockCells));
  if (to >= touched_) return;
  rows_->leave(to, touched_);
  touched_ = to;
}

void KeydirShard::clear() {
  set_shape(0, 0, 0);
  count_.store(0, kRelaxed);
  for (uint32_t i = 0; i < touched_; ++i) store(i, 0, 0);
  end_ = 0;
  give_back();
  refresh_limits();
}

}  // namespace stave
