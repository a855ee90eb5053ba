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
// Threads: find and prefetch by any number of threads, lock-free against each other; the
// changing calls by any number of threads, each locking one shard. save/adopt/clear and
// for_each while nobody else uses it, unless they say otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/status.h"
#include "engine/digest.h"
#include "format/checkpoint.h"

namespace stave {

inline constexpr unsigned kShardBits = 8;
inline constexpr unsigned kShards = 1U << kShardBits;

// Logarithmic size class of a record of `size` bytes (a multiple of 8, at least 24): 0..31.
[[nodiscard]] unsigned size_class(uint64_t size);
// The largest record of a class.
[[nodiscard]] uint64_t size_class_max(unsigned size_class);

struct Slot {
  uint64_t address = 0;  // in 8-byte units
  unsigned size_class = 0;
};

class Keydir {
 public:
  // slots_max bounds the reserved address space (16 bytes each, over all shards, rounded up);
  // when the system refuses, less is reserved. The default has room for 4 * 10^9 keys.
  static Result<std::unique_ptr<Keydir>> create(uint64_t slots_max = 4ULL << 30);
  ~Keydir();

  [[nodiscard]] bool find(const Digest& d, Slot* out) const;
  void prefetch(const Digest& d) const;

  // Makes sure that the next put of this digest cannot fail: grows its shard if needed. Call
  // it before the record is written. store_full, no_memory.
  Status make_room(const Digest& d);
  // True if there was a slot; *previous then holds it. Requires make_room since the last put to
  // this shard by anybody (the engine's writer mutex sees to that; the loader uses load()).
  bool put(const Digest& d, const Slot& slot, Slot* previous);
  bool erase(const Digest& d, Slot* previous);
  // Swing: only if the slot's address is `expected`. False: somebody was faster, nothing done.
  bool replace_if(const Digest& d, uint64_t expected, const Slot& slot);
  bool erase_if(const Digest& d, uint64_t expected);

  // Loading by several threads: inserts, or, when there is a slot, calls wins(existing): true
  // replaces it. make_room is included. *previous/*had tell what was there.
  Status load(const Digest& d, const Slot& slot, const std::function<bool(const Slot&)>& wins,
              bool* replaced, bool* had, Slot* previous);

  // Calls visit for every slot, shard by shard under the shard's lock; returning false erases
  // the slot. Others may use the keydir meanwhile. visit must not call the keydir.
  void for_each(const std::function<bool(const Slot&)>& visit);

  [[nodiscard]] uint64_t size() const;          // keys
  [[nodiscard]] uint64_t memory_bytes() const;  // bytes of tables in use (touched)

  // Checkpoint. save: fills in the shard table (offsets from `first_offset` on) and hands out
  // each shard's bytes in order of offset; the caller writes them.
  Status save(uint64_t first_offset, std::vector<CheckpointShard>* shards,
              const std::function<Status(const CheckpointShard&, Bytes)>& write);
  // adopt: takes over tables lazily. load_pages(to, offset, length) fills page-aligned memory
  // (File::load_pages). Each shard's CRC and order are verified at its first touch by anyone,
  // with the shard locked; a failure makes the keydir damaged(): the caller must rebuild.
  Status adopt(const std::vector<CheckpointShard>& shards,
               const std::function<Status(void*, uint64_t, uint64_t)>& load_pages);
  // Verifies all shards now (verify verb, tests). False if any is damaged.
  bool verify_all();
  // Sticky: a lazily verified shard failed its CRC. find() then answers false for all keys of
  // that shard; readers and writers must check this flag when find() says no and report
  // corrupt instead of not_found.
  [[nodiscard]] bool damaged() const { return damaged_.load(std::memory_order_acquire); }

 private:
  Keydir() = default;
  struct Shard;
  std::atomic<bool> damaged_{false};
  // The rest is the implementation's.
};

}  // namespace stave
