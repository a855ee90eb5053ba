#include "engine/keydir_rows.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace stave {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// A 32-bit position bounds a shard to 2^32 cells.
constexpr uint64_t kShardCellsMax = 1ULL << 31;

uint64_t rows_for(uint64_t cells) { return align_up(cells, kUnitCells) / kUnitCells; }

}  // namespace

Status KeydirRows::reserve(uint64_t cells) {
  const uint64_t rows = rows_for(std::min(cells, kShardCellsMax));
  STAVE_RETURN_IF_ERROR(memory_.reserve(rows * kRowBytes, kRowsMin * kRowBytes));
  MutexLock lock(mutex_);
  users_.resize(memory_.size() / kRowBytes / kBlockRows + 1);  // now, so that growth cannot throw
  return make_rows_accessible(1);  // look-ups need not ask whether there is anything
}

KeydirCell* KeydirRows::cells(unsigned shard) const {
  return reinterpret_cast<KeydirCell*>(memory_.data() + shard * kUnitBytes);
}

uint32_t KeydirRows::reserved() const {
  return static_cast<uint32_t>(memory_.size() / kRowBytes * kUnitCells);
}

Status KeydirRows::make_rows_accessible(uint64_t rows) {
  const uint64_t had = accessible_.load(kRelaxed);
  if (rows <= had) return {};
  const uint64_t want = align_up(rows, kStepRows);
  if (want > memory_.size() / kRowBytes) {
    return Status(Code::store_full, "the keydir's address space is used up (ulimit -v?)");
  }
  STAVE_RETURN_IF_ERROR(
      KeydirMemory::make_accessible(memory_.data() + had * kRowBytes, (want - had) * kRowBytes));
  accessible_.store(static_cast<uint32_t>(want), kRelaxed);
  return {};
}

Status KeydirRows::make_accessible(uint64_t cells, uint32_t* accessible) {
  MutexLock lock(mutex_);
  STAVE_RETURN_IF_ERROR(make_rows_accessible(rows_for(cells)));
  *accessible = accessible_.load(kRelaxed) * kUnitCells;
  return {};
}

void KeydirRows::use(uint32_t from, uint32_t to) {
  MutexLock lock(mutex_);
  for (uint32_t b = from / kBlockCells; b < to / kBlockCells; ++b) ++users_[b];
  touched_.store(std::max(touched_.load(kRelaxed), to / kBlockCells), kRelaxed);
}

// Users never rise from block to block, since every shard uses its cells from the first on: so
// what nobody uses is the end.
void KeydirRows::leave(uint32_t from, uint32_t to) {
  MutexLock lock(mutex_);
  for (uint32_t b = from / kBlockCells; b < to / kBlockCells; ++b) --users_[b];
  for (uint32_t b = from / kBlockCells; b < to / kBlockCells; ++b) {
    if (users_[b] != 0) continue;
    give_back(b);
    return;
  }
}

// Where the system refuses, the pages merely stay: they hold zeros.
void KeydirRows::give_back(uint32_t from_block) {
  const uint32_t end = touched_.load(kRelaxed);
  const uint32_t from_row = from_block * kBlockRows;
  char* const from = memory_.data() + from_row * kRowBytes;
  char* const anonymous =
      memory_.data() + std::max<uint64_t>(align_up(adopted_, kBlockRows), from_row) * kRowBytes;
  char* const to = memory_.data() + uint64_t{end} * kHugePage;
  if (from < anonymous) {
    if (!KeydirMemory::replace_by_zeros(from, static_cast<uint64_t>(anonymous - from))) return;
    adopted_ = from_row;
  }
  if (anonymous < to && !KeydirMemory::release(anonymous, static_cast<uint64_t>(to - anonymous))) {
    return;
  }
  touched_.store(from_block, kRelaxed);
}

void KeydirRows::clear() {
  MutexLock lock(mutex_);
  std::fill(users_.begin(), users_.end(), 0);
  const uint64_t bytes = uint64_t{touched_.load(kRelaxed)} * kHugePage;
  if (adopted_ == 0 && KeydirMemory::release(memory_.data(), bytes)) {
    touched_.store(0, kRelaxed);
    return;
  }
  if (bytes != 0 && KeydirMemory::replace_by_zeros(memory_.data(), bytes)) {
    touched_.store(0, kRelaxed);
    adopted_ = 0;
    return;
  }
  std::memset(memory_.data(), 0, bytes);
}

Status KeydirRows::begin_adoption(uint64_t rows, uint64_t cells) {
  MutexLock lock(mutex_);
  STAVE_CHECK(adopted_ == 0 && touched_.load(kRelaxed) == 0);
  STAVE_RETURN_IF_ERROR(make_rows_accessible(rows_for(cells)));
  // Before the pages come: if mapping them fails half-way, they must pass for a file's.
  adopted_ = static_cast<uint32_t>(rows);
  touched_.store(static_cast<uint32_t>(align_up(rows, kBlockRows) / kBlockRows), kRelaxed);
  return {};
}

bool KeydirRows::prefault_ahead() {
  char* block = nullptr;
  {
    MutexLock lock(mutex_);
    const uint32_t next = touched_.load(kRelaxed);
    if (next == 0 || users_[next - 1] == 0) return false;  // there is one already, or no hurry
    if (!make_rows_accessible(uint64_t{next + 1} * kBlockRows).ok()) return false;
    touched_.store(next + 1, kRelaxed);
    block = memory_.data() + uint64_t{next} * kHugePage;
  }
  return KeydirMemory::populate(block, kHugePage);
}

uint64_t KeydirRows::bytes() const { return uint64_t{touched_.load(kRelaxed)} * kHugePage; }

}  // namespace stave
