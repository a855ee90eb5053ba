// Entries of one shard in the order of its table, and one of each key: what loading many needs.
#pragma once

#include <algorithm>
#include <span>

#include "engine/keydir_shard.h"

namespace stave {

struct ByWord1 {
  bool operator()(const KeydirEntry& a, const KeydirEntry& b) const { return a.word1 < b.word1; }
};

// Each stands at most a bucket from its place.
inline void shift_into_place(std::span<KeydirEntry> entries) {
  for (size_t i = 1; i < entries.size(); ++i) {
    const KeydirEntry e = entries[i];
    size_t at = i;
    for (; at > 0 && entries[at - 1].word1 > e.word1; --at) entries[at] = entries[at - 1];
    entries[at] = e;
  }
}

// Into scratch->sorted, which is returned. for_each(f) calls f with each of the n entries, and is
// asked twice. Word 1 is uniform: its leading bits tell nearly where an entry goes.
template <typename ForEach>
std::span<KeydirEntry> sort_entries(size_t n, ForEach for_each, LoadScratch* scratch) {
  // Entries that share a bucket up to which shifting them into place is cheapest.
  constexpr uint32_t kBucketMax = 24;
  const auto bucket = [n](const KeydirEntry& e) {
    return static_cast<size_t>(static_cast<Uint128>(e.word1) * n >> 64);
  };
  PageVector<uint32_t>& ends = scratch->bucket_ends;
  PageVector<KeydirEntry>& sorted = scratch->sorted;
  ends.assign(n + 1, 0);
  if (sorted.size() < n) sorted.resize(n);
  for_each([&](const KeydirEntry& e) { ++ends[bucket(e) + 1]; });
  uint32_t largest = 0;
  for (size_t i = 0; i < n; ++i) {
    largest = std::max(largest, ends[i + 1]);
    ends[i + 1] += ends[i];
  }
  for_each([&](const KeydirEntry& e) { sorted[ends[bucket(e)]++] = e; });
  const std::span<KeydirEntry> all(sorted.data(), n);
  if (largest <= kBucketMax) {
    shift_into_place(all);
    return all;
  }
  uint32_t begin = 0;
  for (size_t i = 0; i < n; begin = ends[i++]) {
    if (ends[i] - begin > 1) {
      std::sort(sorted.begin() + begin, sorted.begin() + ends[i], ByWord1());
    }
  }
  return all;
}

// The one with this identity among the last of `entries`, which share word 1; or nullptr.
inline KeydirEntry* find_same(std::span<KeydirEntry> entries, const KeydirEntry& e) {
  for (size_t i = entries.size(); i > 0 && entries[i - 1].word1 == e.word1; --i) {
    if (((entries[i - 1].word0 ^ e.word0) & kTagMask) == 0) return &entries[i - 1];
  }
  return nullptr;
}

// Of two entries of one identity the winner takes the place.
inline void contend(KeydirEntry* place, const KeydirEntry& e, const LoadRules& rules) {
  const Slot there = unpack_slot(place->word0);
  const Slot fresh = unpack_slot(e.word0);
  const bool wins = rules.wins(there, fresh);
  if (wins) place->word0 = e.word0;
  rules.lost(wins ? there : fresh);
}

}  // namespace stave
