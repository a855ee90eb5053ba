// The keydir: where the newest record of every live key stands, in 16 bytes per key.
//
// Invariants
//  K1. A slot is two 64-bit words: [address in 8-byte units:41][size class:5][hash:18] and
//      [hash:64]. Word 0 is 0 exactly in free slots (address 0 is never a record's).
//  K2. 256 shards, chosen by the top 8 bits of Digest::low; within a shard the used slots stand
//      in ascending order of word 1 from their home position on (linear probing in digest
//      order), so a relayout is sequential.
//  K3. A shard's table never moves: it grows and shrinks in place inside reserved address space,
//      so readers need no reclamation.
//  K4. Every change of a shard happens while its sequence word is odd; readers that saw it odd
//      or changed read again. Changes to one shard exclude each other through that word.
//
// Two keys whose digests agree in shard and slot (90 bits) are one key to the keydir.
// docs/keydir.md says how likely that is and what would happen.
//
// Threads: find and prefetch by any number of threads, lock-free against each other; the
// changing calls and for_each by any number of threads, each locking one shard at a time.
// save, adopt and clear while nobody else uses it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "engine/digest.h"
#include "engine/keydir_callback.h"
#include "engine/keydir_rows.h"
#include "engine/keydir_shard.h"
#include "engine/keydir_slot.h"
#include "format/checkpoint.h"

namespace stave {

class Keydir {
 public:
  // slots_max bounds the reserved address space (16 bytes each, over all shards, and a quarter
  // on top for free slots); when the system refuses, less is reserved. The default has room for
  // 4 * 10^9 keys. no_memory.
  static Result<std::unique_ptr<Keydir>> create(uint64_t slots_max = 4ULL << 30);
  ~Keydir();
  Keydir(const Keydir&) = delete;
  Keydir& operator=(const Keydir&) = delete;

  [[nodiscard]] bool find(const Digest& d, Slot* out) const { return shard(d).find(d, out); }
  // Starts to fetch what find or put of this digest will touch.
  void prefetch(const Digest& d) const { shard(d).prefetch(d); }

  // Makes sure that the next `puts` puts into this digest's shard cannot fail: grows it if
  // needed. Call it before the record is written; a batch calls it for each of its keys with the
  // number of keys that it has for that shard (shard_of). store_full, no_memory, corrupt
  // (damaged()).
  Status make_room(const Digest& d, uint32_t puts = 1);
  // Whether make_room(d) would find nothing to do. For the only thread that puts.
  [[nodiscard]] bool has_room(const Digest& d) const { return shard(d).room() != 0 && !damaged(); }
  [[nodiscard]] static unsigned shard_of(const Digest& d) {
    return static_cast<unsigned>(d.low >> (64 - kShardBits));
  }
  // True if there was a slot; *previous then holds it. Requires make_room since the last put to
  // this shard by anybody (the engine's writer mutex sees to that; the loader uses load()).
  bool put(const Digest& d, const Slot& slot, Slot* previous);
  bool erase(const Digest& d, Slot* previous);
  // Swing: only if the slot's address is `expected`. False: somebody was faster, nothing done.
  bool replace_if(const Digest& d, uint64_t expected, const Slot& slot);
  bool erase_if(const Digest& d, uint64_t expected);

  // Loading by several threads: inserts entries of one shard, in any order, and, where there is a
  // slot, as `wins` says. Best with many at once. store_full, no_memory: some of them may be
  // loaded.
  Status load(unsigned shard, std::span<const KeydirEntry> entries, const LoadRules& rules,
              LoadScratch* scratch);
  // The same for an empty keydir, at a fraction of the cost: pile, by several threads, some hundred
  // entries at a time; then build for each shard, once. In between nobody may do anything else with
  // the keydir but to clear it, as whoever meets an error must. What wins as a tombstone is not
  // kept. Piles take twice the memory of their keys at most, or 32 MiB.
  Status pile(unsigned shard, std::span<const KeydirEntry> entries, const LoadRules& rules,
              LoadScratch* scratch);
  Status build(unsigned shard, const LoadRules& rules, LoadScratch* scratch);

  // Calls visit for every slot, in pieces under its shard's lock; returning false erases the
  // slot. Others may use the keydir meanwhile: a slot that is there all the time is visited
  // exactly once. visit must not call the keydir.
  void for_each(Callback<bool(const Slot&)> visit);

  // Empties it, damaged() included.
  void clear();

  [[nodiscard]] uint64_t size() const;  // keys; of adopted shards as the checkpoint says
  // Of tables, touched: whole blocks of 2 MiB.
  [[nodiscard]] uint64_t memory_bytes() const { return rows_.bytes(); }

  // Touches the memory that growth will need next, so that no put waits while the system clears
  // a huge page. For one background thread, often: cheap when there is nothing to do (false).
  bool prefault_ahead() { return rows_.prefault_ahead(); }

  // Checkpoint. save: fills in the shard table and hands out the tables row by row, in order of
  // their offset from where the tables begin; the caller writes them. Changes nothing; needs 1
  // MiB. corrupt: an adopted shard is damaged.
  Status save(std::vector<CheckpointShard>* shards,
              const std::function<Status(uint64_t offset, Bytes)>& write);
  // adopt: takes over tables lazily, into an empty keydir. load(to, length) fills page-aligned
  // memory with the tables from their beginning on (File::load_pages), in one call. Each shard's
  // CRC, order and addresses are verified at its first touch by anyone, with the shard locked. One
  // that fails is repaired (set_repair), or else makes the keydir damaged(). An error (corrupt:
  // impossible numbers; or load's) leaves it empty.
  Status adopt(const std::vector<CheckpointShard>& shards,
               const std::function<Status(void* to, uint64_t length)>& load,
               KeydirCover cover = {});
  // How damaged shards are filled again: `fill` hands to the patch all operations on the keys that
  // it wants, older ones first. It runs on the thread that met the damage, one at a time, inside
  // the call that did (find too), so it must take no lock under which anyone uses the keydir,
  // and not use the keydir itself. All other users of those shards wait for it, and never see
  // that there was damage. Nobody has changed such a shard since it was adopted, nor missed a key
  // in it. If it fails, the keydir is damaged(). To be set while nobody else uses the keydir.
  void set_repair(KeydirHealth::Fill fill) { health_.set_fill(std::move(fill)); }
  // Verifies shards now that nobody has touched since they were adopted.
  void verify(unsigned shard);
  bool verify_all();  // false: damaged()
  // Sticky: a shard is damaged and could not be repaired. find() then answers false for all keys
  // of that shard; readers and writers must check this flag when find() says no and report
  // corrupt instead of not_found.
  [[nodiscard]] bool damaged() const { return health_.damaged(); }
  // The checkpoint that it was adopted from should be written anew.
  [[nodiscard]] bool repaired() const { return health_.repaired(); }

 private:
  Keydir() = default;
  [[nodiscard]] KeydirShard& shard(const Digest& d) const { return shards_[shard_of(d)]; }

  void repair() STAVE_EXCLUDES(repair_mutex_);

  KeydirHealth health_;
  Mutex repair_mutex_;
  KeydirRows rows_;
  std::unique_ptr<KeydirShard[]> shards_;
};

// The shards that are being repaired, for the one who fills them.
class KeydirPatch {
 public:
  [[nodiscard]] bool wants(const Digest& d) const {
    return broken_[Keydir::shard_of(d)] != nullptr;
  }
  // Of keys that are wanted; other keys are passed over. The last operation on a key counts.
  Status put(const Digest& d, const Slot& slot);
  void erase(const Digest& d);

 private:
  friend class Keydir;
  std::array<KeydirShard*, kShards> broken_{};
};

}  // namespace stave
