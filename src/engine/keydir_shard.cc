#include "engine/keydir_shard.h"

#include <thread>

#include "base/check.h"

namespace stave {

namespace {

// How long a shard is locked is well under a microsecond, unless its holder was preempted: then
// yielding is what lets it go on.
void back_off(unsigned* spins) {
  constexpr unsigned kSpinsBeforeYield = 128;
  if (++*spins >= kSpinsBeforeYield) {
    std::this_thread::yield();
    return;
  }
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// More than one step gains of its kind, so that a shard never falls behind.
constexpr unsigned kStepsPerErase = 1;
constexpr unsigned kStepsPerVisit = 64;

}  // namespace

void KeydirShard::init(KeydirCell* cells, uint32_t reserved, uint32_t initial,
                       std::atomic<bool>* damaged) {
  cells_ = cells;
  reserved_ = reserved;
  initial_ = initial;
  damaged_ = damaged;
}

void KeydirShard::lock() STAVE_NO_TSA {
  for (unsigned spins = 0;; back_off(&spins)) {
    uint64_t s = sequence_.load(kRelaxed);
    if (s == kUnverified) {
      if (!sequence_.compare_exchange_weak(s, 1, std::memory_order_acquire, kRelaxed)) continue;
      verify();
      return;
    }
    if (s % 2 == 0 &&
        sequence_.compare_exchange_weak(s, s + 1, std::memory_order_acquire, kRelaxed)) {
      return;
    }
  }
}

void KeydirShard::unlock() STAVE_NO_TSA {
  sequence_.store(sequence_.load(kRelaxed) + 1, std::memory_order_release);
}

bool KeydirShard::find(const Digest& d, Slot* out) {
  constexpr auto kAcquire = std::memory_order_acquire;  // see the head of keydir_shard.h
  const uint64_t tag = d.low & kTagMask;
  for (unsigned spins = 0;; back_off(&spins)) {
    const uint64_t before = sequence_.load(kAcquire);
    if (__builtin_expect(before % 2 != 0, 0)) {
      if (before == kUnverified) ShardLock verifies(*this);
      continue;
    }
    const uint64_t split = split_.load(kAcquire);
    const uint32_t low = low_.load(kAcquire);
    const uint32_t high = high_.load(kAcquire);
    uint64_t found = 0;
    if (__builtin_expect(high != 0, 1)) {
      for (const KeydirCell* c = cells_ + scale(d.high, d.high < split ? low : high);; ++c) {
        const uint64_t w0 = c->word0.load(kAcquire);
        const uint64_t w1 = c->word1.load(kAcquire);
        if (w0 == 0 || w1 > d.high) break;
        if (w1 == d.high && (w0 & kTagMask) == tag) {
          found = w0;
          break;
        }
      }
    }
    if (__builtin_expect(sequence_.load(kRelaxed) == before, 1)) {
      *out = unpack_slot(found);
      return found != 0;
    }
  }
}

void KeydirShard::prefetch(const Digest& d) const {
  __builtin_prefetch(cells_ + home(d.high));  // any address will do: a guess is enough here
}

uint32_t KeydirShard::position(const Digest& d) const {
  if (high_.load(kRelaxed) == 0) return kNone;
  for (uint32_t i = home(d.high);; ++i) {
    if (word0(i) == 0 || word1(i) > d.high) return kNone;
    if (word1(i) == d.high && (word0(i) & kTagMask) == (d.low & kTagMask)) return i;
  }
}

Slot KeydirShard::slot(uint32_t position) const { return unpack_slot(word0(position)); }

void KeydirShard::replace(uint32_t position, const Digest& d, const Slot& slot) {
  cells_[position].word0.store(pack_slot(slot, d.low & kTagMask), std::memory_order_release);
}

bool KeydirShard::put(const Digest& d, const Slot& slot, Slot* previous) {
  // A failure to grow is for grow_for to report; what counts here is a cell for this one key.
  if (__builtin_expect(room() == 0, 0)) (void)grow_for(1);
  const uint64_t tag = d.low & kTagMask;
  uint32_t at = high_.load(kRelaxed) == 0 ? kNone : home(d.high);
  STAVE_CHECK(at != kNone);  // the caller made no room
  for (; word0(at) != 0 && word1(at) <= d.high; ++at) {
    if (word1(at) != d.high || (word0(at) & kTagMask) != tag) continue;
    *previous = unpack_slot(word0(at));
    replace(at, d, slot);
    return true;
  }
  uint32_t free = at;
  while (word0(free) != 0) ++free;
  STAVE_CHECK(free + 1 < accessible_);  // S3
  for (uint32_t i = free; i > at; --i) store(i, word0(i - 1), word1(i - 1));
  store(at, pack_slot(slot, tag), d.high);
  extend_end(free + 1);
  count_.store(count() + 1, kRelaxed);
  if (room() > 0) room_.store(room() - 1, kRelaxed);
  return false;
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

void KeydirShard::reset() STAVE_NO_TSA {
  uint64_t unverified = kUnverified;
  if (!sequence_.compare_exchange_strong(unverified, 1, std::memory_order_acquire, kRelaxed)) {
    lock();
  }
  clear();
  unlock();
}

}  // namespace stave
