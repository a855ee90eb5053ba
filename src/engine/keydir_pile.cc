// Loading an empty keydir: a shard's entries are put down as they come, in the cells where its
// table is going to stand (a pile), and made a table when all are there. So each of them is
// written twice, both times beside others, and no table is ever too small.
//
// A pile has no homes. Its cells from 0 to end_ are in use, in no order; count_ stays 0.
#include <algorithm>
#include <new>

#include "engine/keydir.h"
#include "engine/load_sort.h"

namespace stave {

namespace {

// Entries up to which nobody asks whether a pile has several of the same keys: 32 MiB of all
// shards together.
constexpr uint64_t kPileMin = 8192;
// Entries whose word 1 begins with so many zeros are the sample that tells how many keys there are.
constexpr unsigned kSampleBits = 6;

// Only the winner of each key.
std::span<KeydirEntry> winners(std::span<KeydirEntry> sorted, const LoadRules& rules) {
  size_t kept = 0;
  for (const KeydirEntry e : sorted) {
    KeydirEntry* const same = find_same(sorted.first(kept), e);
    if (same != nullptr) {
      contend(same, e, rules);
    } else {
      sorted[kept++] = e;
    }
  }
  return sorted.first(kept);
}

}  // namespace

template <typename F>
void KeydirShard::for_each_piled(F f) const {
  const KeydirCell* c = cell(0);
  for (uint32_t i = 0; i < end_; ++i, c = next_cell(c)) {
    f(KeydirEntry{c->word0.load(kRelaxed), c->word1.load(kRelaxed)});
  }
}

void KeydirShard::put_down(std::span<const KeydirEntry> entries) {
  KeydirCell* c = cell(end_);
  for (const KeydirEntry& e : entries) {
    store(c, e.word0, e.word1);
    c = next_cell(c);
    if (__builtin_expect(e.word1 >> (64 - kSampleBits) == 0, 0)) sample_.push_back(e.word1);
  }
  end_ += static_cast<uint32_t>(entries.size());
}

// About how many keys the pile has.
uint64_t KeydirShard::keys_piled() {
  if (sample_.empty()) return 0;
  std::sort(sample_.begin(), sample_.end());
  uint64_t keys = 1;
  for (size_t i = 1; i < sample_.size(); ++i) keys += sample_[i] != sample_[i - 1] ? 1 : 0;
  return keys * end_ / sample_.size();
}

// Only the winners stay.
void KeydirShard::thin_out(const LoadRules& rules, LoadScratch* scratch) {
  const uint32_t had = end_;
  const auto kept = winners(sort_entries(
                                had, [this](auto f) STAVE_NO_TSA { for_each_piled(f); }, scratch),
                            rules);
  end_ = 0;
  sample_.clear();
  put_down(kept);
  clear_cells(end_, had);
}

// So that a pile is at most twice as large as its keys need, whatever came for them.
void KeydirShard::limit_pile(const LoadRules& rules, LoadScratch* scratch) {
  const uint64_t keys = keys_piled();
  // Thinned out where that is worth its while: else the keys do need a larger pile.
  const bool many_lost = keys < uint64_t{end_} / 4 * 3;
  if (many_lost) thin_out(rules, scratch);
  pile_max_ = std::max(kPileMin, 2 * (many_lost ? end_ : keys));
}

Status KeydirShard::pile(std::span<const KeydirEntry> entries, const LoadRules& rules,
                         LoadScratch* scratch) {
  if (end_ >= std::max(pile_max_, kPileMin)) limit_pile(rules, scratch);
  const auto make_room = [&]() STAVE_NO_TSA {
    const uint64_t cells = end_ + entries.size() + 1;
    return cells <= rows_->reserved() ? ensure_accessible(cells) : address_space_used_up();
  };
  if (!make_room().ok()) {
    thin_out(rules, scratch);
    STAVE_RETURN_IF_ERROR(make_room());
  }
  touch(static_cast<uint32_t>(end_ + entries.size()));
  put_down(entries);
  return {};
}

Status KeydirShard::build(const LoadRules& rules, LoadScratch* scratch) {
  if (end_ == 0) return {};
  sample_ = {};
  std::span<KeydirEntry> keys =
      winners(sort_entries(
                  end_, [this](auto f) STAVE_NO_TSA { for_each_piled(f); }, scratch),
              rules);
  const auto deleted = [](const KeydirEntry& e) {
    return unpack_slot(e.word0).size_class == kTombstoneClass;
  };
  const auto end = std::remove_if(keys.begin(), keys.end(), deleted);
  keys = keys.first(static_cast<size_t>(end - keys.begin()));
  STAVE_RETURN_IF_ERROR(rebuild(keys, capacity_for(keys.size(), initial_)));
  give_back();
  return {};
}

Status Keydir::pile(unsigned shard, std::span<const KeydirEntry> entries, const LoadRules& rules,
                    LoadScratch* scratch) {
  try {
    ShardLock lock(shards_[shard]);
    return shards_[shard].pile(entries, rules, scratch);
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

Status Keydir::build(unsigned shard, const LoadRules& rules, LoadScratch* scratch) {
  try {
    ShardLock lock(shards_[shard]);
    return shards_[shard].build(rules, scratch);
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
}

}  // namespace stave
