// The memory that a keydir's shards share, interleaved by units of 4 KiB:
//
//            shard 0      shard 1            shard 255
//   row 0   [cells 0 on ][cells 0 on ] ...  [cells 0 on ]    1 MiB
//   row 1   [cells 256  ][cells 256  ] ...  [cells 256  ]
//
// The shards grow at the same rate, so what is in use is one range from the start on, without
// holes, and few huge pages cover it. It becomes accessible by steps for all shards at once, and
// goes back to the system by blocks of a huge page, when no shard uses them any more.
//
// Threads: any; growing and shrinking across a block's border take a mutex.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "engine/keydir_memory.h"
#include "format/checkpoint.h"

namespace stave {

struct KeydirCell {
  std::atomic<uint64_t> word0;  // 0: free
  std::atomic<uint64_t> word1;
};
static_assert(sizeof(KeydirCell) == 16 && std::atomic<uint64_t>::is_always_lock_free);

inline constexpr unsigned kShardBits = 8;
inline constexpr unsigned kShards = 1U << kShardBits;

// As in KEYDIR, whose tables are mapped as they stand.
inline constexpr uint64_t kUnitBytes = kCheckpointUnit;
inline constexpr uint32_t kUnitCells = kUnitBytes / sizeof(KeydirCell);
inline constexpr uint64_t kRowBytes = kShards * kUnitBytes;
// From behind a unit's last cell to the same shard's next cell.
inline constexpr uint64_t kUnitGap = uint64_t{kShards - 1} * kUnitCells;
inline constexpr uint32_t kBlockRows = kHugePage / kRowBytes;
inline constexpr uint32_t kBlockCells = kBlockRows * kUnitCells;  // of one shard

class KeydirRows {
 public:
  // Reserves address space for so many cells in each shard; less where the system refuses, but
  // at least kRowsMin rows. no_memory.
  Status reserve(uint64_t cells);
  [[nodiscard]] KeydirCell* cells(unsigned shard) const;
  [[nodiscard]] uint32_t reserved() const;  // cells of each shard

  // Makes at least so many cells of each shard accessible, and says how many there are now. What
  // is accessible stays so. store_full, no_memory.
  Status make_accessible(uint64_t cells, uint32_t* accessible) STAVE_EXCLUDES(mutex_);

  // One shard begins, or ceases, to use its cells from..to, multiples of kBlockCells. It must
  // have zeroed those that it leaves.
  void use(uint32_t from, uint32_t to) STAVE_EXCLUDES(mutex_);
  void leave(uint32_t from, uint32_t to) STAVE_EXCLUDES(mutex_);
  // All shards leave everything, as it is. Nobody else may use the rows.
  void clear() STAVE_EXCLUDES(mutex_);

  // The first `rows` rows are about to be mapped over with a file's pages; `cells` of each shard
  // become accessible.
  Status begin_adoption(uint64_t rows, uint64_t cells) STAVE_EXCLUDES(mutex_);
  [[nodiscard]] void* data() const { return memory_.data(); }

  // Touches the block that growth will need next. False: there was nothing to do. For one
  // thread at a time.
  bool prefault_ahead() STAVE_EXCLUDES(mutex_);
  // Of all blocks that were touched and not given back.
  [[nodiscard]] uint64_t bytes() const;

  static constexpr uint32_t kRowsMin = 16;

 private:
  // A multiple of kBlockRows. Steps cost a system call and some charge to strict overcommit.
  static constexpr uint32_t kStepRows = 8;

  Status make_rows_accessible(uint64_t rows) STAVE_REQUIRES(mutex_);
  void give_back(uint32_t from_block) STAVE_REQUIRES(mutex_);

  KeydirMemory memory_;
  Mutex mutex_;
  std::atomic<uint32_t> accessible_{0};                   // rows; changes under mutex_
  uint32_t adopted_ STAVE_GUARDED_BY(mutex_) = 0;         // rows whose pages are a checkpoint's
  std::vector<uint16_t> users_ STAVE_GUARDED_BY(mutex_);  // shards that use a block; falls
  std::atomic<uint32_t> touched_{0};                      // blocks; changes under mutex_
};

}  // namespace stave
