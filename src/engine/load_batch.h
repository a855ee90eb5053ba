// What one thread collects for the keydir before it goes there: entries, apart by shards, each
// shard's in a part of one block of memory.
#pragma once

#include <array>
#include <span>

#include "base/page_allocator.h"
#include "engine/keydir.h"

namespace stave {

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
