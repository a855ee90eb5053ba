// Many entries of one shard at once, as loading has them.
//
// An insert in random order touches half a dozen cache lines that nobody else wants, and growth
// moves each key some eight times. Entries in the order of the table instead are merged with what
// it holds in one pass, into the size that fits them all.
#include <algorithm>
#include <new>

#include "engine/keydir.h"

namespace stave {

namespace {

// With fewer entries than this part of the table, a pass over all of it costs more.
constexpr uint32_t kMergePart = 16;

struct ByWord1 {
  bool operator()(const KeydirEntry& a, const KeydirEntry& b) const { return a.word1 < b.word1; }
};

// Word 1 is uniform: its leading bits tell nearly where an entry goes.
void sort_entries(std::span<KeydirEntry> entries, LoadScratch* scratch) {
  const size_t n = entries.size();
  const auto bucket = [n](const KeydirEntry& e) {
    return static_cast<size_t>(static_cast<Uint128>(e.word1) * n >> 64);
  };
  PageVector<uint32_t>& ends = scratch->bucket_ends;
  ends.assign(n + 1, 0);
  for (const KeydirEntry& e : entries) ++ends[bucket(e) + 1];
  for (size_t i = 0; i < n; ++i) ends[i + 1] += ends[i];
  scratch->unsorted.assign(entries.begin(), entries.end());
  for (const KeydirEntry& e : scratch->unsorted) entries[ends[bucket(e)]++] = e;
  uint32_t begin = 0;
  for (size_t i = 0; i < n; begin = ends[i++]) {
    if (ends[i] - begin > 1) {
      std::sort(entries.begin() + begin, entries.begin() + ends[i], ByWord1());
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
  for (const KeydirEntry& e : entries) {
    if (room() == 0) STAVE_RETURN_IF_ERROR(grow_for(1));
    const Digest d{e.word1, e.word0 & kTagMask};
    uint32_t next = 0;
    const uint32_t at = seek(d, home(d.high), &next);
    const Slot fresh = unpack_slot(e.word0);
    if (at == kNone) {
      insert(next, e.word0, e.word1);
      rules.placed(fresh, nullptr);
      continue;
    }
    const Slot there = slot(at);
    if (!rules.wins(there, fresh)) continue;
    replace(at, d, fresh);
    rules.placed(fresh, &there);
  }
  return {};
}

Status KeydirShard::load_sorted(std::span<const KeydirEntry> entries, const LoadRules& rules,
                                PageVector<KeydirEntry>* scratch) {
  if (entries.size() < count() / kMergePart) return load_each(entries, rules);
  PageVector<KeydirEntry>& joined = *scratch;
  joined.clear();
  joined.reserve(count() + entries.size());
  const KeydirCell* c = cell(0);
  uint32_t at = 0;
  const auto take_shards_own = [&](uint64_t upto) STAVE_NO_TSA {
    for (; at < end_; ++at, c = next_cell(c)) {
      const KeydirEntry own{c->word0.load(kRelaxed), c->word1.load(kRelaxed)};
      if (own.word0 == 0) continue;
      if (own.word1 > upto) break;
      joined.push_back(own);
    }
  };
  for (const KeydirEntry& e : entries) {
    take_shards_own(e.word1);
    KeydirEntry* const same = find_same(joined, e);
    const Slot fresh = unpack_slot(e.word0);
    if (same == nullptr) {
      joined.push_back(e);
      rules.placed(fresh, nullptr);
      continue;
    }
    const Slot there = unpack_slot(same->word0);
    if (!rules.wins(there, fresh)) continue;
    same->word0 = e.word0;
    rules.placed(fresh, &there);
  }
  take_shards_own(UINT64_MAX);
  return rebuild(joined);
}

// The table anew, at one size.
Status KeydirShard::rebuild(std::span<const KeydirEntry> joined) {
  const uint64_t most = rows_->reserved() - kSlack;
  uint64_t capacity = std::max(high_.load(kRelaxed), initial_);
  while (joined.size() >= full_load(capacity) && capacity < most) {
    capacity = std::min(capacity + capacity / kGrowthDivisor + 1, most);
  }
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

Status Keydir::load(unsigned shard, std::span<KeydirEntry> entries, const LoadRules& rules,
                    LoadScratch* scratch) {
  try {
    sort_entries(entries, scratch);
    ShardLock lock(shards_[shard]);
    return shards_[shard].load_sorted(entries, rules, &scratch->joined);
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

}  // namespace stave
