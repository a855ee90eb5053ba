#include "engine/keydir_shard.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/check.h"

namespace stave {

namespace {

// More than one step gains of its kind, so that a shard never falls behind.
constexpr unsigned kStepsPerErase = 1;
constexpr unsigned kStepsPerVisit = 64;

}  // namespace

// How long a shard is locked is well under a microsecond, unless its holder was preempted: then
// yielding is what lets it go on.
void KeydirShard::back_off(unsigned* spins) {
  constexpr unsigned kSpinsBeforeYield = 128;
  constexpr unsigned kSpinsBeforeSleep = 160;
  // Who holds the shard may be a thread that yields to this one.
  if (++*spins >= kSpinsBeforeSleep) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    return;
  }
  if (*spins >= kSpinsBeforeYield) {
    std::this_thread::yield();
    return;
  }
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void KeydirShard::init(KeydirRows* rows, unsigned index, uint32_t initial, KeydirHealth* health) {
  rows_ = rows;
  cells_ = rows->cells(index);
  initial_ = initial;
  health_ = health;
}

void KeydirShard::lock_slowly() STAVE_NO_TSA {
  for (unsigned spins = 0;; back_off(&spins)) {
    uint64_t s = sequence_.load(kRelaxed);
    if (s == kUnverified) {
      if (!sequence_.compare_exchange_weak(s, 1, std::memory_order_acquire, kRelaxed)) continue;
      if (verify()) return;
      clear();
      if (!health_->can_repair()) {
        health_->set_damaged(true);  // before unlock: whoever misses sees it
        return;
      }
      s = kBroken;
      sequence_.store(s, std::memory_order_release);
    }
    if (s == kBroken) {
      health_->repair();
      continue;
    }
    if (s % 2 == 0 &&
        sequence_.compare_exchange_weak(s, s + 1, std::memory_order_acquire, kRelaxed)) {
      return;
    }
  }
}

// The shard was locked or changed meanwhile, was not verified yet, or is broken.
uint64_t KeydirShard::look_again(Digest d) {
  for (unsigned spins = 0;; back_off(&spins)) {
    const uint64_t now = sequence_.load(kRelaxed);
    if (now == kUnverified || now == kBroken) ShardLock verifies(*this);
    uint64_t word0 = 0;
    if (look(d, &word0)) return word0;
  }
}

// How many cells to pass is counted without a branch on each, which nobody could predict.
uint32_t KeydirShard::seek(const Digest& d, uint32_t home, uint32_t* next) const {
  constexpr uint32_t kStride = 8;
  uint32_t at = home;
  for (uint32_t left = kUnitCells - at % kUnitCells;; left = kUnitCells) {
    const KeydirCell* c = cell(at);
    uint32_t passed = kStride;
    for (; left >= kStride && passed == kStride; left -= kStride, c += kStride) {
      passed = 0;
      for (uint32_t i = 0; i < kStride; ++i) {
        const uint32_t used = c[i].word0.load(kRelaxed) != 0 ? 1 : 0;
        passed += c[i].word1.load(kRelaxed) <= d.high ? used : 0;
      }
      at += passed;
    }
    if (passed < kStride) break;
    for (; left > 0 && word0(at) != 0 && word1(at) <= d.high; --left) ++at;
    if (left > 0) break;
  }
  *next = at;
  for (; at > home && word1(at - 1) == d.high; --at) {
    if ((word0(at - 1) & kTagMask) == (d.low & kTagMask)) return at - 1;
  }
  return kNone;
}

uint32_t KeydirShard::position(const Digest& d) const {
  uint32_t next = 0;
  return seek(d, home(d.high), &next);
}

Slot KeydirShard::slot(uint32_t position) const { return unpack_slot(word0(position)); }

void KeydirShard::replace(uint32_t position, const Digest& d, const Slot& slot) {
  cell(position)->word0.store(pack_slot(slot, d.low & kTagMask), std::memory_order_release);
}

bool KeydirShard::put(const Digest& d, const Slot& slot, Slot* previous) {
  // A failure to grow is for grow_for to report; what counts here is a cell for this one key.
  if (__builtin_expect(room() == 0, 0)) (void)grow_for(1);
  STAVE_CHECK(high_.load(kRelaxed) != 0);  // the caller made no room
  uint32_t next = 0;
  const uint32_t at = seek(d, home(d.high), &next);
  if (at != kNone) {
    *previous = this->slot(at);
    replace(at, d, slot);
    return true;
  }
  insert(next, pack_slot(slot, d.low & kTagMask), d.high);
  return false;
}

// Everything up to the first free cell moves right by one.
void KeydirShard::insert(uint32_t at, uint64_t w0, uint64_t w1) {
  STAVE_CHECK(end_ + 1 < accessible_);  // S3
  if (__builtin_expect(end_ + 1 > touched_, 0)) touch(end_ + 1);
  KeydirCell* c = cell(at);
  while (true) {
    const uint64_t moved0 = c->word0.load(kRelaxed);
    const uint64_t moved1 = c->word1.load(kRelaxed);
    store(c, w0, w1);
    ++at;
    if (moved0 == 0) break;
    w0 = moved0;
    w1 = moved1;
    c = next_cell(c);
  }
  end_ = std::max(end_, at);
  count_.store(count() + 1, kRelaxed);
  if (room() > 0) room_.store(room() - 1, kRelaxed);
}

void KeydirShard::erase(uint32_t position) {
  remove(position);
  // room_ may say less than there is now: grow_for looks again before it grows.
  for (unsigned steps = 0; count() < sparse_below_ && steps < kStepsPerErase; ++steps) {
    shrink_step();
  }
}

void KeydirShard::remove(uint32_t position) {
  uint32_t hole = position;
  // S2: what stands right of its home moves left, up to a free cell or one that is at home.
  for (uint32_t next = hole + 1; word0(next) != 0 && home(word1(next)) != next; ++next) {
    store(hole, word0(next), word1(next));
    hole = next;
  }
  store(hole, 0, 0);
  if (hole + 1 == end_) end_ = hole;
  count_.store(count() - 1, kRelaxed);
}

bool KeydirShard::visit_some(uint64_t* from, uint32_t cells_max,
                             Callback<bool(const Slot&)> visit) {
  if (high_.load(kRelaxed) == 0) return false;
  uint32_t at = home(*from);
  while (word0(at) != 0 && word1(at) < *from) ++at;
  // A key that was erased lets its successor move to the same place, but never further left.
  for (uint32_t seen = 0; at < end_;) {
    if (word0(at) == 0) {
      ++at;
      ++seen;
      continue;
    }
    const uint64_t w1 = word1(at);
    if (seen >= cells_max && w1 != *from) {
      *from = w1;
      for (unsigned n = 0; count() < sparse_below_ && n < kStepsPerVisit; ++n) shrink_step();
      return true;
    }
    *from = w1;  // keys that share word 1 are visited under one lock
    ++seen;
    if (visit(slot(at))) {
      ++at;
    } else {
      remove(at);
    }
  }
  return false;
}

void KeydirShard::forget() STAVE_NO_TSA {
  const uint64_t now = sequence_.load(kRelaxed);
  if (now == kUnverified || now == kBroken) {
    sequence_.store(1, kRelaxed);  // nobody else is here
  } else {
    lock();
  }
  set_shape(0, 0, 0);
  count_.store(0, kRelaxed);
  end_ = 0;
  touched_ = 0;
  refresh_limits();
  unlock();
}

}  // namespace stave
