// Many entries of one shard at once, beside those that it has, as loading has them on top of a
// checkpoint.
//
// An insert in random order touches half a dozen cache lines that nobody else wants, and growth
// moves each key some eight times. So entries are inserted in the order of the table. Where it
// must grow, they are merged with what it holds in one pass, into the size that fits.
#include <algorithm>
#include <new>

#include "engine/keydir.h"
#include "engine/load_sort.h"

namespace stave {

namespace {

// With fewer entries than this part of the table, a pass over all of it costs more.
constexpr uint32_t kMergePart = 16;
// Entries ahead whose cells are fetched.
constexpr size_t kFetchAhead = 12;

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
    if (same != nullptr) {
      contend(same, e, rules);
    } else {
      joined->push_back(e);
    }
  }
  take_shards_own(UINT64_MAX);
}

Status KeydirShard::load_sorted(std::span<const KeydirEntry> entries, const LoadRules& rules,
                                PageVector<KeydirEntry>* scratch) {
  const uint64_t had = count();
  if (had + entries.size() <= full_above_ || entries.size() < had / kMergePart) {
    return load_each(entries, rules);
  }
  join(entries, rules, scratch);
  return rebuild(*scratch, capacity_for(scratch->size(), high_.load(kRelaxed)));
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

Status Keydir::load(unsigned shard, std::span<const KeydirEntry> entries, const LoadRules& rules,
                    LoadScratch* scratch) {
  if (entries.empty()) return {};
  try {
    const auto for_each = [&](auto f) { std::for_each(entries.begin(), entries.end(), f); };
    const auto sorted = sort_entries(entries.size(), for_each, scratch);
    ShardLock lock(shards_[shard]);
    return shards_[shard].load_sorted(sorted, rules, &scratch->joined);
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

}  // namespace stave
