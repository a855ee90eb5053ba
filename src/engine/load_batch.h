// What one thread collects for the keydir before it goes there: keys that wait to be hashed, and
// entries, apart by shards, each shard's in a part of one block of memory.
#pragma once

#include <array>
#include <cstring>
#include <span>

#include "base/page_allocator.h"
#include "engine/keydir.h"

namespace stave {

// Some keys with their slots. One after the other, each hash would wait for its own rounds; many
// at once overlap.
class LoadKeys {
 public:
  static constexpr size_t kKeyMax = 64;
  static constexpr size_t kKeys = 16;

  [[nodiscard]] static bool fits(Bytes key) { return key.size() <= kKeyMax; }
  // True: it is full.
  [[nodiscard]] bool add(Bytes key, const Slot& slot) {
    std::memcpy(keys_[count_].data(), key.data(), key.size());
    sizes_[count_] = key.size();
    slots_[count_] = slot;
    return ++count_ == kKeys;
  }
  [[nodiscard]] size_t count() const { return count_; }
  [[nodiscard]] Bytes key(size_t i) const { return {keys_[i].data(), sizes_[i]}; }
  [[nodiscard]] const Slot& slot(size_t i) const { return slots_[i]; }
  void clear() { count_ = 0; }

 private:
  std::array<std::array<char, kKeyMax>, kKeys> keys_;
  std::array<size_t, kKeys> sizes_;
  std::array<Slot, kKeys> slots_;
  size_t count_ = 0;
};

class LoadBatch {
 public:
  // Room for so many entries, if they spread evenly.
  explicit LoadBatch(size_t entries)
      : part_(entries / kShards + 1),
        block_(make_page_buffer(kShards * stride() * sizeof(KeydirEntry))) {}

  // True: the shard's part is full now, and must be cleared before the next.
  [[nodiscard]] bool add(unsigned shard, const KeydirEntry& e) {
    KeydirEntry* const to = part(shard) + counts_[shard];
    __builtin_prefetch(to + kFetchAhead, 1);
    *to = e;
    return ++counts_[shard] == part_;
  }
  [[nodiscard]] std::span<KeydirEntry> of(unsigned shard) { return {part(shard), counts_[shard]}; }
  void clear(unsigned shard) { counts_[shard] = 0; }

 private:
  // Parts fill evenly: with a power of two between them, the cache would keep few of the lines
  // that are being filled.
  static constexpr size_t kSkew = 20;
  static constexpr size_t kFetchAhead = 8;

  [[nodiscard]] size_t stride() const { return part_ + kSkew; }
  [[nodiscard]] KeydirEntry* part(unsigned shard) {
    return reinterpret_cast<KeydirEntry*>(block_.get()) + shard * stride();
  }

  const size_t part_;  // entries
  PageBuffer block_;
  std::array<size_t, kShards> counts_{};
};

}  // namespace stave
