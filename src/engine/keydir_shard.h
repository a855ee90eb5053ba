// One of the keydir's 256 tables: cells in digest order, a seqlock, growth in place. Its cells
// stand in units, between those of the other shards: see keydir_rows.h.
//
// Invariants (beyond K1 to K4 of keydir.h)
//  S1. home(w1) is floor(w1 * low / 2^64) below the split and floor(w1 * high / 2^64) from it on
//      (low <= high), so it rises with w1. Growing moves the split down, shrinking moves it up,
//      a fixed number of home positions at a time: no put or erase ever waits for a whole table.
//  S2. Used cells stand in ascending order of word 1, none left of its home, and no free cell
//      lies between a cell and its home.
//  S3. Cells from end_ on are free, and the last accessible cell is always free: a scan stops
//      there at the latest, whatever mixture of old and new values its reader saw.
//  S4. Accessible cells never become inaccessible, so a reader that is about to fail its
//      sequence check may still read where it was sent by an old capacity. Some are from the
//      start, so look-ups in a shard without homes find a free cell.
//
// Threads: find and prefetch by anyone; everything else with the shard locked.
//
// Orderings, once for all. Writers: lock (CAS to odd, acquire), cell and shape stores with
// release, unlock (release). Readers: sequence (acquire), shape and cells (acquire), sequence
// again (relaxed). A reader that sees any value stored under a lock synchronises with that
// store, thus sees the odd sequence (or a later one) and reads again; its last load cannot
// move before the acquire loads. Fences would be a little cheaper on ARM, nothing on x86, and
// thread sanitizer does not understand them.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/digest.h"
#include "engine/keydir_callback.h"
#include "engine/keydir_entry.h"
#include "engine/keydir_health.h"
#include "engine/keydir_rows.h"
#include "engine/keydir_slot.h"

namespace stave {

// A stage of growth adds an eighth. Loads at which a shard is full and at which it shrinks.
// docs/keydir.md has the measurements.
inline constexpr uint32_t kGrowthDivisor = 8;
inline constexpr uint32_t kKeydirMaxLoadPercent = 92;
inline constexpr uint32_t kKeydirMinLoadPercent = 60;
// Cells beyond the last home that are accessible from the start, for what probing pushes there.
inline constexpr uint32_t kSlack = 64;

inline constexpr uint32_t kLineCells = 64 / sizeof(KeydirCell);  // in a cache line

__extension__ using Uint128 = unsigned __int128;

class alignas(64) STAVE_CAPABILITY("keydir shard") KeydirShard {
 public:
  // initial: home positions at the first put.
  void init(KeydirRows* rows, unsigned index, uint32_t initial, KeydirHealth* health);

  // Locks out changes, and readers too as they wait. Verifies an adopted shard first, and has a
  // broken one repaired.
  void lock() STAVE_ACQUIRE() {
    uint64_t s = sequence_.load(kRelaxed);
    const bool locked = s % 2 == 0 && sequence_.compare_exchange_strong(
                                          s, s + 1, std::memory_order_acquire, kRelaxed);
    if (__builtin_expect(!locked, 0)) lock_slowly();
  }
  void unlock() STAVE_RELEASE() {
    sequence_.store(sequence_.load(kRelaxed) + 1, std::memory_order_release);
  }

  [[nodiscard]] bool find(Digest d, Slot* out);
  // Any address will do: a guess is enough here.
  void prefetch(const Digest& d) const {
    const KeydirCell* c = cell(home(d.high));
    __builtin_prefetch(c);
    __builtin_prefetch(c + kLineCells);
  }

  // Inserts that need no memory and no growth. Without the lock it is a hint, but a firm one
  // where the caller is the only one to insert.
  [[nodiscard]] uint32_t room() const { return room_.load(std::memory_order_relaxed); }
  // Grows until room() >= puts. store_full, no_memory; the shard stays usable.
  Status grow_for(uint32_t puts) STAVE_REQUIRES(this);

  static constexpr uint32_t kNone = UINT32_MAX;
  // Position of the digest's cell, or kNone.
  [[nodiscard]] uint32_t position(const Digest& d) const STAVE_REQUIRES(this);
  [[nodiscard]] Slot slot(uint32_t position) const STAVE_REQUIRES(this);
  void replace(uint32_t position, const Digest& d, const Slot& slot) STAVE_REQUIRES(this);
  // True if there was one, which is replaced. Grows if it must and can; a caller that made room
  // never fails.
  bool put(const Digest& d, const Slot& slot, Slot* previous) STAVE_REQUIRES(this);
  // Keydir::load, of entries in the order of word 1.
  Status load_sorted(std::span<const KeydirEntry> entries, const LoadRules& rules,
                     PageVector<KeydirEntry>* scratch) STAVE_REQUIRES(this);
  // Keydir::pile and build.
  Status pile(std::span<const KeydirEntry> entries, const LoadRules& rules, LoadScratch* scratch)
      STAVE_REQUIRES(this);
  Status build(const LoadRules& rules, LoadScratch* scratch) STAVE_REQUIRES(this);
  void erase(uint32_t position) STAVE_REQUIRES(this);

  // Visits up to about `cells_max` cells with word 1 >= *from, erases where visit says false.
  // False: the end was reached; else *from is where to go on.
  bool visit_some(uint64_t* from, uint32_t cells_max, Callback<bool(const Slot&)> visit)
      STAVE_REQUIRES(this);
  // For Keydir::clear, which clears the rows: the shard knows of no cells any more, verified or
  // not.
  void forget() STAVE_EXCLUDES(this);

  [[nodiscard]] uint32_t count() const { return count_.load(std::memory_order_relaxed); }
  // Not that of a shard which is being filled again: waits for that.
  [[nodiscard]] uint32_t settled_count() STAVE_EXCLUDES(this);

  // Checkpoint (keydir_checkpoint.cc): an image is a table of one capacity at full load.
  struct Image {
    uint64_t bytes = 0;
    uint32_t capacity = 0;
    uint32_t count = 0;
    uint32_t crc = 0;
  };
  class ImageWriter;
  // Verifies the shard if nobody did. A damaged one is emptied, and broken until it is mended.
  // False: it is broken.
  bool check() STAVE_EXCLUDES(this);
  // For the only one who repairs, of a broken shard: fills it, and ends that, empty if it failed.
  Status mend(const Digest& d, const Slot* slot) STAVE_EXCLUDES(this);
  void mended(bool whole) STAVE_EXCLUDES(this);
  // The image stands in the rows, of which `cells` are a checkpoint's, and counts from now on,
  // unverified.
  void adopt(const Image& image, uint32_t cells) STAVE_EXCLUDES(this);

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;
  // The sequence of an adopted shard that nobody has touched: odd, so that no hot path has to
  // ask for it.
  static constexpr uint64_t kUnverified = UINT64_MAX;
  // Of one whose image was damaged, until it is mended.
  static constexpr uint64_t kBroken = UINT64_MAX - 2;
  static constexpr Uint128 kWholeRange = static_cast<Uint128>(1) << 64;

  static uint32_t scale(Uint128 w1, uint32_t capacity) {
    return static_cast<uint32_t>(w1 * capacity >> 64);
  }
  [[nodiscard]] uint32_t home(uint64_t w1) const {
    return scale(w1, w1 < split_.load(kRelaxed) ? low_.load(kRelaxed) : high_.load(kRelaxed));
  }
  [[nodiscard]] KeydirCell* cell(uint32_t i) const {
    return cells_ + (i + i / kUnitCells * kUnitGap);
  }
  [[nodiscard]] uint64_t word0(uint32_t i) const { return cell(i)->word0.load(kRelaxed); }
  [[nodiscard]] uint64_t word1(uint32_t i) const { return cell(i)->word1.load(kRelaxed); }
  void store(uint32_t i, uint64_t w0, uint64_t w1) { store(cell(i), w0, w1); }
  static void store(KeydirCell* c, uint64_t w0, uint64_t w1) {
    // release: see the head of this file
    c->word0.store(w0, std::memory_order_release);
    c->word1.store(w1, std::memory_order_release);
  }
  void move(uint32_t to, uint32_t from) {
    if (to == from) return;
    store(to, word0(from), word1(from));
    store(from, 0, 0);
  }
  void lock_slowly();
  void clear() STAVE_REQUIRES(this);
  void insert(uint32_t at, uint64_t w0, uint64_t w1) STAVE_REQUIRES(this);
  void remove(uint32_t position) STAVE_REQUIRES(this);
  // False: the shard is or was locked, and *word0 does not count.
  [[nodiscard]] bool look(Digest d, uint64_t* word0) const;
  [[nodiscard]] uint64_t look_again(Digest d);
  static void back_off(unsigned* spins);
  // The digest's cell, given its home; kNone, and then *next is where it would stand.
  uint32_t seek(const Digest& d, uint32_t home, uint32_t* next) const STAVE_REQUIRES(this);
  void set_shape(uint32_t low, uint32_t high, uint64_t split) STAVE_REQUIRES(this);
  void touch(uint32_t end) STAVE_REQUIRES(this);

  // keydir_load.cc
  Status load_each(std::span<const KeydirEntry> entries, const LoadRules& rules)
      STAVE_REQUIRES(this);
  void join(std::span<const KeydirEntry> entries, const LoadRules& rules,
            PageVector<KeydirEntry>* joined) const STAVE_REQUIRES(this);
  [[nodiscard]] uint64_t capacity_for(uint64_t keys, uint64_t at_least) const;
  Status rebuild(std::span<const KeydirEntry> joined, uint64_t capacity) STAVE_REQUIRES(this);

  // keydir_pile.cc
  template <typename F>
  void for_each_piled(F f) const STAVE_REQUIRES(this);
  void put_down(std::span<const KeydirEntry> entries) STAVE_REQUIRES(this);
  [[nodiscard]] uint64_t keys_piled() STAVE_REQUIRES(this);
  void thin_out(const LoadRules& rules, LoadScratch* scratch) STAVE_REQUIRES(this);
  void limit_pile(const LoadRules& rules, LoadScratch* scratch) STAVE_REQUIRES(this);

  // keydir_resize.cc
  // Keys at which a table of one layout grows.
  static uint64_t full_load(uint64_t capacity);
  static Status address_space_used_up();
  void refresh_limits() STAVE_REQUIRES(this);
  void refresh_room() STAVE_REQUIRES(this);
  Status ensure_accessible(uint64_t cells) STAVE_REQUIRES(this);
  void give_back() STAVE_REQUIRES(this);

  // keydir_relayout.cc
  Status begin_growth() STAVE_REQUIRES(this);
  Status grow_step() STAVE_REQUIRES(this);
  void shrink_step() STAVE_REQUIRES(this);
  void finish_shrink() STAVE_REQUIRES(this);
  class Moved;
  Status take_down(Uint128 split, uint64_t new_split, Moved* moved) const STAVE_REQUIRES(this);
  void clear_cells(uint32_t from, uint32_t to) STAVE_REQUIRES(this);
  // The first position behind cells that are laid out from `first` on, and their laying out.
  static uint64_t behind(std::span<const KeydirEntry> cells, uint64_t first, uint32_t capacity);
  void write_cells(std::span<const KeydirEntry> cells, uint32_t first, uint32_t capacity)
      STAVE_REQUIRES(this);
  void lay_out(const Moved& moved, uint32_t capacity) STAVE_REQUIRES(this);

  // keydir_checkpoint.cc
  [[nodiscard]] bool verify() STAVE_REQUIRES(this);
  [[nodiscard]] bool image_in_order() STAVE_REQUIRES(this);

  // One cache line: all that find and put need.
  std::atomic<uint64_t> sequence_{0};
  std::atomic<uint64_t> split_{0};
  KeydirCell* cells_ = nullptr;
  std::atomic<uint32_t> low_{0};
  std::atomic<uint32_t> high_{0};  // 0: no homes
  std::atomic<uint32_t> count_{0};
  std::atomic<uint32_t> room_{0};
  uint32_t end_ STAVE_GUARDED_BY(this) = 0;
  uint32_t sparse_below_ STAVE_GUARDED_BY(this) = 0;
  uint32_t full_above_ STAVE_GUARDED_BY(this) = 0;
  uint32_t accessible_ STAVE_GUARDED_BY(this) = 0;

  uint32_t touched_ STAVE_GUARDED_BY(this) = 0;  // cells that the rows know to be in use
  uint32_t initial_ = 0;
  KeydirRows* rows_ = nullptr;
  Image expected_ STAVE_GUARDED_BY(this);
  KeydirHealth* health_ = nullptr;
  uint64_t pile_max_ STAVE_GUARDED_BY(this) = 0;  // entries at which a pile is looked at again
  std::vector<uint64_t> sample_ STAVE_GUARDED_BY(this);  // of a pile's words 1
};

// The cell that follows: the next unit begins a row further on.
template <typename Cell>
inline Cell* next_cell(Cell* c) {
  ++c;
  return __builtin_expect(reinterpret_cast<uintptr_t>(c) % kUnitBytes == 0, 0) ? c + kUnitGap : c;
}

inline bool KeydirShard::look(Digest d, uint64_t* word0) const {
  constexpr auto kAcquire = std::memory_order_acquire;  // see the head of this file
  const uint64_t before = sequence_.load(kAcquire);
  const uint64_t split = split_.load(kAcquire);
  const uint32_t low = low_.load(kAcquire);
  const uint32_t high = high_.load(kAcquire);
  const KeydirCell* c = cell(scale(d.high, d.high < split ? low : high));
  __builtin_prefetch(c + kLineCells);  // every other look-up ends in the next line
  while (true) {
    const uint64_t w0 = c->word0.load(kAcquire);
    const uint64_t w1 = c->word1.load(kAcquire);
    if (w1 == d.high && ((w0 ^ d.low) & kTagMask) == 0) {
      *word0 = w0;  // 0 where a free cell seems to match
      break;
    }
    if (w0 == 0 || w1 > d.high) {
      *word0 = 0;
      break;
    }
    c = next_cell(c);
  }
  return before % 2 == 0 && sequence_.load(kRelaxed) == before;
}

inline bool KeydirShard::find(Digest d, Slot* out) {
  uint64_t word0 = 0;
  if (__builtin_expect(!look(d, &word0), 0)) word0 = look_again(d);
  *out = unpack_slot(word0);
  return word0 != 0;
}

class STAVE_SCOPED ShardLock {
 public:
  explicit ShardLock(KeydirShard& shard) STAVE_ACQUIRE(shard) : shard_(shard) { shard_.lock(); }
  ~ShardLock() STAVE_RELEASE() { shard_.unlock(); }
  ShardLock(const ShardLock&) = delete;
  ShardLock& operator=(const ShardLock&) = delete;

 private:
  KeydirShard& shard_;
};

}  // namespace stave
