// Many entries of one shard at once, as loading has them.
//
// An insert in random order touches half a dozen cache lines that nobody else wants, and growth
// moves each key some eight times. So entries are inserted in the order of the table, into one
// that is as large at once as it is going to be. Where a table must grow all the same, they are
// merged with what it holds in one pass, into the size that fits.
#include <algorithm>
#include <new>

#include "engine/keydir.h"

namespace stave {

namespace {

// With fewer entries than this part of the table, a pass over all of it costs more.
constexpr uint32_t kMergePart = 16;
// Entries that share a bucket up to which shifting them into place is cheapest.
constexpr uint32_t kBucketMax = 24;
// Entries ahead whose cells are fetched.
constexpr size_t kFetchAhead = 12;

struct ByWord1 {
  bool operator()(const KeydirEntry& a, const KeydirEntry& b) const { return a.word1 < b.word1; }
};

// Each stands at most a bucket from its place.
void shift_into_place(std::span<KeydirEntry> entries) {
  for (size_t i = 1; i < entries.size(); ++i) {
    const KeydirEntry e = entries[i];
    size_t at = i;
    for (; at > 0 && entries[at - 1].word1 > e.word1; --at) entries[at] = entries[at - 1];
    entries[at] = e;
  }
}

// Into scratch->sorted. Word 1 is uniform: its leading bits tell nearly where an entry goes.
void sort_entries(std::span<const KeydirEntry> entries, LoadScratch* scratch) {
  const size_t n = entries.size();
  const auto bucket = [n](const KeydirEntry& e) {
    return static_cast<size_t>(static_cast<Uint128>(e.word1) * n >> 64);
  };
  PageVector<uint32_t>& ends = scratch->bucket_ends;
  PageVector<KeydirEntry>& sorted = scratch->sorted;
  ends.assign(n + 1, 0);
  if (sorted.size() < n) sorted.resize(n);
  for (const KeydirEntry& e : entries) ++ends[bucket(e) + 1];
  uint32_t largest = 0;
  for (size_t i = 0; i < n; ++i) {
    largest = std::max(largest, ends[i + 1]);
    ends[i + 1] += ends[i];
  }
  for (const KeydirEntry& e : entries) sorted[ends[bucket(e)]++] = e;
  if (largest <= kBucketMax) return shift_into_place({sorted.data(), n});
  uint32_t begin = 0;
  for (size_t i = 0; i < n; begin = ends[i++]) {
    if (ends[i] - begin > 1) {
      std::sort(sorted.begin() + begin, sorted.begin() + ends[i], ByWord1());
    }
  }
}

// The one with this identity among the last of `joined`, which share word 1; or nullptr.
KeydirEntry* find_same(PageVector<KeydirEntry>& joined, const KeydirEntry& e) {
  for (size_t i = joined.size(); i > 0 && joined[i - 1].word1 == e.word1; --i) {
    if (((joined[i - 1].word0 ^ e.word0) & kTagMask) == 0) return &joined[i - 1];
  }
  return nullptr;
}

}  // namespace

Status KeydirShard::load_each(std::span<const KeydirEntry> entries, const LoadRules& rules) {
  for (size_t i = 0; i < entries.size(); ++i) {
    const KeydirEntry& e = entries[i];
    if (i + kFetchAhead < entries.size()) {
      const KeydirCell* ahead = cell(home(entries[i + kFetchAhead].word1));
      __builtin_prefetch(ahead, 1);
      __builtin_prefetch(ahead + kLineCells, 1);
    }
    if (room() == 0) STAVE_RETURN_IF_ERROR(grow_for(1));
    const Digest d{e.word1, e.word0 & kTagMask};
    uint32_t next = 0;
    const uint32_t at = seek(d, home(d.high), &next);
    if (at == kNone) {
      insert(next, e.word0, e.word1);
      continue;
    }
    const Slot fresh = unpack_slot(e.word0);
    const Slot there = slot(at);
    const bool wins = rules.wins(there, fresh);
    if (wins) replace(at, d, fresh);
    rules.lost(wins ? there : fresh);
  }
  return {};
}

// What the shard holds, in order, with the entries among it.
void KeydirShard::join(std::span<const KeydirEntry> entries, const LoadRules& rules,
                       PageVector<KeydirEntry>* joined) const {
  joined->clear();
  joined->reserve(count() + entries.size());
  const KeydirCell* c = cell(0);
  uint32_t at = 0;
  const auto take_shards_own = [&](uint64_t upto) STAVE_NO_TSA {
    for (; at < end_; ++at, c = next_cell(c)) {
      const KeydirEntry own{c->word0.load(kRelaxed), c->word1.load(kRelaxed)};
      if (own.word0 == 0) continue;
      if (own.word1 > upto) break;
      joined->push_back(own);
    }
  };
  for (const KeydirEntry& e : entries) {
    take_shards_own(e.word1);
    KeydirEntry* const same = find_same(*joined, e);
    if (same == nullptr) {
      joined->push_back(e);
      continue;
    }
    const Slot fresh = unpack_slot(e.word0);
    const Slot there = unpack_slot(same->word0);
    const bool wins = rules.wins(there, fresh);
    if (wins) same->word0 = e.word0;
    rules.lost(wins ? there : fresh);
  }
  take_shards_own(UINT64_MAX);
}

Status KeydirShard::load_sorted(std::span<const KeydirEntry> entries, uint64_t to_come,
                                const LoadRules& rules, PageVector<KeydirEntry>* scratch) {
  const uint64_t had = count();
  if (had + entries.size() <= full_above_ || entries.size() < had / kMergePart) {
    return load_each(entries, rules);
  }
  join(entries, rules, scratch);
  const uint64_t keys = scratch->size();
  const uint64_t here = high_.load(kRelaxed);
  const uint64_t fits = capacity_for(keys, here);
  // Of those to come, as large a part will be new as of these.
  const auto coming = static_cast<Uint128>(keys - had) * to_come / entries.size();
  const uint64_t roomy = capacity_for(keys + static_cast<uint64_t>(coming), here);
  if (roomy > fits && rebuild(*scratch, roomy).ok()) return {};
  return rebuild(*scratch, fits);
}

// Where shards grow one by one, their capacities are of these.
uint64_t KeydirShard::capacity_for(uint64_t keys, uint64_t at_least) const {
  const uint64_t most = rows_->reserved() - kSlack;
  uint64_t capacity = std::max<uint64_t>(at_least, initial_);
  while (keys >= full_load(capacity) && capacity < most) {
    capacity = std::min(capacity + capacity / kGrowthDivisor + 1, most);
  }
  return capacity;
}

// The table anew, at one size.
Status KeydirShard::rebuild(std::span<const KeydirEntry> joined, uint64_t capacity) {
  // Short of that a put would still have found room.
  if (joined.size() > capacity * kKeydirMaxLoadPercent / 100) return address_space_used_up();
  const auto homes = static_cast<uint32_t>(capacity);
  const uint64_t end = behind(joined, 0, homes);
  STAVE_RETURN_IF_ERROR(ensure_accessible(std::max(capacity + kSlack, end + 1)));
  clear_cells(0, end_);
  touch(static_cast<uint32_t>(end));
  write_cells(joined, 0, homes);
  end_ = static_cast<uint32_t>(end);
  set_shape(homes, homes, 0);
  count_.store(static_cast<uint32_t>(joined.size()), kRelaxed);
  refresh_limits();
  return {};
}

Status KeydirShard::fit(PageVector<KeydirEntry>* scratch) {
  const uint64_t capacity = capacity_for(count(), initial_);
  if (high_.load(kRelaxed) <= capacity) return {};
  const auto never = [](const Slot&, const Slot&) { return false; };
  const auto nobody = [](const Slot&) {};
  join({}, LoadRules{never, nobody}, scratch);
  STAVE_RETURN_IF_ERROR(rebuild(*scratch, capacity));
  give_back();
  return {};
}

Status Keydir::load(unsigned shard, std::span<const KeydirEntry> entries, uint64_t to_come,
                    const LoadRules& rules, LoadScratch* scratch) {
  if (entries.empty()) return {};
  try {
    sort_entries(entries, scratch);
    const std::span<const KeydirEntry> sorted(scratch->sorted.data(), entries.size());
    ShardLock lock(shards_[shard]);
    return shards_[shard].load_sorted(sorted, to_come, rules, &scratch->joined);
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

Status Keydir::fit() {
  try {
    PageVector<KeydirEntry> scratch;
    for (unsigned i = 0; i < kShards; ++i) {
      ShardLock lock(shards_[i]);
      STAVE_RETURN_IF_ERROR(shards_[i].fit(&scratch));
    }
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
  return {};
}

}  // namespace stave
