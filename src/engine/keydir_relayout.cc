// How a shard grows and shrinks: a step moves the keys of kStepHomes home positions.
//
// The two directions are mirror images. In growth every moved cell goes right or stays, in
// shrinking left or stays, because homes rise (fall) and positions follow from homes alone:
// position = max(home, position before + 1). Shrinking can thus go on cell by cell; growth takes
// the cells down first, which is faster than to move them to and fro in place.
#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "base/bytes.h"
#include "engine/keydir_shard.h"

namespace stave {

namespace {

// Homes moved by one step, which bounds what a put may wait for. Smaller tables move at once.
// docs/keydir.md has the measurements.
constexpr uint64_t kStepHomes = 768;

}  // namespace

// The cells that a growth step moves, in order: taken down while the table stays as it is, then
// written where they belong.
class KeydirShard::Moved {
 public:
  // False: out of memory.
  [[nodiscard]] bool reserve(uint32_t more) {
    if (capacity_ - count_ >= more) return true;
    const uint32_t capacity = std::max(capacity_ * 2, count_ + more);
    std::unique_ptr<KeydirEntry[]> larger(new (std::nothrow) KeydirEntry[capacity]);
    if (!larger) return false;
    std::copy(cells_, cells_ + count_, larger.get());
    heap_ = std::move(larger);
    cells_ = heap_.get();
    capacity_ = capacity;
    return true;
  }
  // After reserve. Of a free cell nothing stays: it is overwritten by the next, which costs less
  // than a branch that is mispredicted at every tenth cell.
  void add(uint64_t word0, uint64_t word1) {
    cells_[count_] = {word0, word1};
    count_ += word0 != 0;
  }
  [[nodiscard]] std::span<const KeydirEntry> cells() const { return {cells_, count_}; }

  // Where they stood: from `first` up to `end_of_old`, but for the free gap between the old and
  // the new layout, which may never have been used.
  uint32_t first = 0;
  uint32_t end_of_old = 0;
  uint32_t gap_from = UINT32_MAX;
  uint32_t gap_to = UINT32_MAX;
  uint32_t next = 0;  // the first position behind their new ones

 private:
  static constexpr uint32_t kUsual = 1024;  // more than a step at full load has
  std::array<KeydirEntry, kUsual> usual_;
  std::unique_ptr<KeydirEntry[]> heap_;
  KeydirEntry* cells_ = usual_.data();
  uint32_t capacity_ = kUsual;
  uint32_t count_ = 0;
};

Status KeydirShard::begin_growth() {
  const uint64_t capacity = high_.load(kRelaxed);
  const uint64_t larger =
      std::min<uint64_t>(capacity + capacity / kGrowthDivisor + 1, rows_->reserved() - kSlack);
  if (larger <= capacity) {
    return address_space_used_up();
  }
  STAVE_RETURN_IF_ERROR(ensure_accessible(larger + kSlack));
  high_.store(static_cast<uint32_t>(larger), std::memory_order_release);
  return {};
}

// Takes down the keys from new_split to split, which leave the smaller layout, and those of the
// larger one that they push to the right.
Status KeydirShard::take_down(Uint128 split, uint64_t new_split, Moved* moved) const {
  const auto no_memory = [] { return Status::answer(Code::no_memory); };
  const uint32_t low = low_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  const uint32_t old_stop = scale(split, low);  // a free cell from here on ends the old layout
  const uint32_t gap_to = scale(split, high);
  uint32_t at = scale(new_split, low);
  while (word0(at) != 0 && word1(at) < new_split) ++at;
  moved->first = at;
  if (old_stop > at && !moved->reserve(old_stop - at)) return no_memory();
  const KeydirCell* c = cell(at);
  for (; at < old_stop; ++at, c = next_cell(c)) {
    moved->add(c->word0.load(kRelaxed), c->word1.load(kRelaxed));
  }
  uint64_t next = behind(moved->cells(), moved->first, high);
  for (; at < accessible_; ++at) {
    if (word0(at) == 0) {
      if (at >= gap_to) {
        if (at >= next) break;
        continue;
      }
      if (next <= gap_to) break;
      moved->gap_from = at;
      moved->gap_to = gap_to;
      at = gap_to - 1;
      continue;
    }
    const uint64_t w1 = word1(at);
    const uint64_t target = std::max<uint64_t>(scale(w1, high), next);
    if (w1 >= split && target == at) break;  // from here on nothing changes
    if (!moved->reserve(1)) return no_memory();
    moved->add(word0(at), w1);
    next = target + 1;
  }
  moved->end_of_old = at;
  moved->next = static_cast<uint32_t>(next);
  return {};
}

void KeydirShard::clear_cells(uint32_t from, uint32_t to) {
  if (from >= to) return;
  for (KeydirCell* c = cell(from); from < to; ++from, c = next_cell(c)) store(c, 0, 0);
}

uint64_t KeydirShard::behind(std::span<const KeydirEntry> cells, uint64_t first,
                             uint32_t capacity) {
  for (const KeydirEntry& c : cells)
    first = std::max<uint64_t>(scale(c.word1, capacity), first) + 1;
  return first;
}

void KeydirShard::write_cells(std::span<const KeydirEntry> cells, uint32_t first,
                              uint32_t capacity) {
  for (const KeydirEntry& c : cells) {
    const uint32_t target = std::max(scale(c.word1, capacity), first);
    store(target, c.word0, c.word1);
    first = target + 1;
  }
}

void KeydirShard::lay_out(const Moved& moved, uint32_t capacity) {
  touch(moved.next);
  clear_cells(moved.first, std::min(moved.gap_from, moved.end_of_old));
  clear_cells(moved.gap_to, moved.end_of_old);
  write_cells(moved.cells(), moved.first, capacity);
  end_ = std::max(end_, moved.next);
}

Status KeydirShard::grow_step() {
  const bool begins = low_.load(kRelaxed) == high_.load(kRelaxed);
  if (begins) STAVE_RETURN_IF_ERROR(begin_growth());
  const uint32_t low = low_.load(kRelaxed);
  const uint32_t high = high_.load(kRelaxed);
  const Uint128 split = begins ? kWholeRange : split_.load(kRelaxed);
  const Uint128 width = kWholeRange / low * kStepHomes;
  const uint64_t new_split = split > width ? static_cast<uint64_t>(split - width) : 0;

  Moved moved;
  Status s = take_down(split, new_split, &moved);
  if (s.ok()) s = ensure_accessible(uint64_t{moved.next} + 1);
  if (!s.ok()) {
    if (begins) high_.store(low, std::memory_order_release);
    return s;
  }
  lay_out(moved, high);
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
