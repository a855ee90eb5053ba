// One of the keydir's 256 tables: cells in digest order, a seqlock, growth in place.
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
//      sequence check may still read where it was sent by an old capacity.
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
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/digest.h"
#include "engine/keydir_callback.h"
#include "engine/keydir_slot.h"
#include "format/checkpoint.h"

namespace stave {

struct KeydirCell {
  std::atomic<uint64_t> word0;  // 0: free
  std::atomic<uint64_t> word1;
};
static_assert(sizeof(KeydirCell) == 16 && std::atomic<uint64_t>::is_always_lock_free);

// Memory is counted and given back in pages of 4 KiB; larger pages merely stay.
inline constexpr uint32_t kPageCells = kCheckpointAlign / sizeof(KeydirCell);
// A stage of growth adds a seventh. Loads at which a shard is full and at which it shrinks.
// docs/keydir.md has the measurements.
inline constexpr uint32_t kGrowthDivisor = 7;
inline constexpr uint32_t kKeydirMaxLoadPercent = 92;
inline constexpr uint32_t kKeydirMinLoadPercent = 60;
// Cells beyond the last home that are accessible from the start, for what probing pushes there.
inline constexpr uint32_t kSlack = 64;

__extension__ using Uint128 = unsigned __int128;

class alignas(64) STAVE_CAPABILITY("keydir shard") KeydirShard {
 public:
  // cells: reserved zeros, none accessible yet. initial: home positions at the first put.
  void init(KeydirCell* cells, uint32_t reserved, uint32_t initial, std::atomic<bool>* damaged);

  // Locks out changes, and readers too as they wait. Verifies an adopted shard first.
  void lock() STAVE_ACQUIRE();
  void unlock() STAVE_RELEASE();

  [[nodiscard]] bool find(const Digest& d, Slot* out);
  void prefetch(const Digest& d) const;

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
  void erase(uint32_t position) STAVE_REQUIRES(this);

  // Visits up to about `cells_max` cells with word 1 >= *from, erases where visit says false.
  // False: the end was reached; else *from is where to go on.
  bool visit_some(uint64_t* from, uint32_t cells_max, Callback<bool(const Slot&)> visit)
      STAVE_REQUIRES(this);
  // Empties the shard, verified or not, and gives its memory back.
  void reset() STAVE_EXCLUDES(this);

  [[nodiscard]] uint32_t count() const { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t memory_bytes() const {
    return align_up(uint64_t{touched_.load(kRelaxed)} * sizeof(KeydirCell), kCheckpointAlign);
  }

  // Checkpoint (keydir_checkpoint.cc): an image is a table of one capacity at full load.
  struct Image {
    uint64_t bytes = 0;
    uint32_t capacity = 0;
    uint32_t count = 0;
    uint32_t crc = 0;
  };
  // Lays the keys out in *buffer, which it enlarges as needed.
  [[nodiscard]] Image write_image(std::vector<uint64_t>* buffer) const STAVE_REQUIRES(this);
  // Prepares memory for an image: the caller fills it and then calls adopt().
  Status prepare_adoption(uint64_t bytes, uint64_t capacity) STAVE_REQUIRES(this);
  [[nodiscard]] void* memory() const { return cells_; }
  // Instead of unlock(): the image counts from now on, unverified.
  void adopt(const Image& image) STAVE_RELEASE();

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;
  // The sequence of an adopted shard that nobody has touched: odd, so that no hot path has to
  // ask for it.
  static constexpr uint64_t kUnverified = UINT64_MAX;
  static constexpr Uint128 kWholeRange = static_cast<Uint128>(1) << 64;

  static uint32_t scale(Uint128 w1, uint32_t capacity) {
    return static_cast<uint32_t>(w1 * capacity >> 64);
  }
  [[nodiscard]] uint32_t home(uint64_t w1) const {
    return scale(w1, w1 < split_.load(kRelaxed) ? low_.load(kRelaxed) : high_.load(kRelaxed));
  }
  [[nodiscard]] uint64_t word0(uint32_t i) const { return cells_[i].word0.load(kRelaxed); }
  [[nodiscard]] uint64_t word1(uint32_t i) const { return cells_[i].word1.load(kRelaxed); }
  void store(uint32_t i, uint64_t w0, uint64_t w1) {
    // release: see the head of this file
    cells_[i].word0.store(w0, std::memory_order_release);
    cells_[i].word1.store(w1, std::memory_order_release);
  }
  void move(uint32_t to, uint32_t from) {
    if (to == from) return;
    store(to, word0(from), word1(from));
    store(from, 0, 0);
  }
  void clear() STAVE_REQUIRES(this);
  void remove(uint32_t position) STAVE_REQUIRES(this);
  void set_shape(uint32_t low, uint32_t high, uint64_t split) STAVE_REQUIRES(this);
  void extend_end(uint32_t end) STAVE_REQUIRES(this);

  // keydir_resize.cc
  void refresh_limits() STAVE_REQUIRES(this);
  void refresh_room() STAVE_REQUIRES(this);
  Status ensure_accessible(uint64_t cells) STAVE_REQUIRES(this);
  bool give_back(uint32_t from, uint32_t to) STAVE_REQUIRES(this);

  // keydir_relayout.cc
  Status begin_growth() STAVE_REQUIRES(this);
  Status grow_step() STAVE_REQUIRES(this);
  void shrink_step() STAVE_REQUIRES(this);
  void finish_shrink() STAVE_REQUIRES(this);
  struct Span;
  void lay_out(const Span& s, uint32_t capacity) STAVE_REQUIRES(this);
  [[nodiscard]] Span measure(Uint128 split, uint64_t new_split) const STAVE_REQUIRES(this);

  // keydir_checkpoint.cc
  void verify() STAVE_REQUIRES(this);
  [[nodiscard]] bool image_in_order() STAVE_REQUIRES(this);

  // One cache line: all that find and put need.
  std::atomic<uint64_t> sequence_{0};
  std::atomic<uint64_t> split_{0};
  KeydirCell* cells_ = nullptr;
  std::atomic<uint32_t> low_{0};
  std::atomic<uint32_t> high_{0};  // 0: never used, nothing accessible
  std::atomic<uint32_t> count_{0};
  std::atomic<uint32_t> room_{0};
  uint32_t end_ STAVE_GUARDED_BY(this) = 0;
  uint32_t sparse_below_ STAVE_GUARDED_BY(this) = 0;
  uint32_t full_above_ STAVE_GUARDED_BY(this) = 0;
  uint32_t accessible_ STAVE_GUARDED_BY(this) = 0;

  uint32_t reserved_ = 0;
  uint32_t initial_ = 0;
  std::atomic<uint32_t> touched_{0};             // cells used since memory was given back, at most
  uint32_t adopted_ STAVE_GUARDED_BY(this) = 0;  // cells whose pages are a checkpoint's
  Image expected_ STAVE_GUARDED_BY(this);
  std::atomic<bool>* damaged_ = nullptr;
};

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
