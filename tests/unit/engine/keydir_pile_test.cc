// A keydir that is piled up and built has what one by one would have left, whatever came, and
// takes no more memory than its keys need.
#include <array>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "keydir_support.h"

namespace stave {
namespace {

using namespace keydir_test;

constexpr uint64_t kMiB = 1 << 20;
constexpr size_t kHandful = 96;

// Address by digest: with few bits of hash, keys share digests, and the keydir cannot tell them.
using Model = std::map<std::pair<uint64_t, uint64_t>, uint64_t>;

// Addresses are unique and rise with time. Every 32nd (kTombstoneClass + 1) is a tombstone's.
unsigned class_of(uint64_t address) {
  return static_cast<unsigned>(address % (kTombstoneClass + 1));
}
bool deletes(uint64_t address) { return class_of(address) == kTombstoneClass; }

KeydirEntry entry_of(const Digest& d, uint64_t address) {
  return {pack_slot({address, class_of(address)}, d.low & kTagMask), d.high};
}

// What several threads pile up, and how many entries lost.
class Pile {
 public:
  explicit Pile(Keydir& k) : k_(k) {}

  Status add(unsigned shard, std::span<const KeydirEntry> entries) {
    LoadScratch scratch;
    return with_rules(
        [&](const LoadRules& rules) { return k_.pile(shard, entries, rules, &scratch); });
  }
  Status build() {
    LoadScratch scratch;
    return with_rules([&](const LoadRules& rules) -> Status {
      for (unsigned i = 0; i < kShards; ++i) {
        STAVE_RETURN_IF_ERROR(k_.build(i, rules, &scratch));
      }
      return {};
    });
  }
  [[nodiscard]] uint64_t lost() const { return lost_; }

 private:
  template <typename F>
  Status with_rules(F f) {
    uint64_t lost = 0;
    const auto wins = [](const Slot& a, const Slot& b) { return a.address < b.address; };
    const auto loses = [&](const Slot& loser) {
      assert_int_equal(loser.size_class, class_of(loser.address));
      ++lost;
    };
    const Status s = f(LoadRules{wins, loses});
    lost_ += lost;
    return s;
  }

  Keydir& k_;
  std::atomic<uint64_t> lost_{0};
};

// Collects entries and piles them up by handfuls.
class Hand {
 public:
  Hand(Pile& pile, size_t handful) : pile_(pile), handful_(handful) {}
  void add(const Digest& d, uint64_t address) {
    const unsigned shard = Keydir::shard_of(d);
    entries_[shard].push_back(entry_of(d, address));
    if (entries_[shard].size() >= handful_) put_down(shard);
  }
  void end() {
    for (unsigned i = 0; i < kShards; ++i) put_down(i);
  }

 private:
  void put_down(unsigned shard) {
    assert_true(pile_.add(shard, entries_[shard]).ok());
    entries_[shard].clear();
  }
  Pile& pile_;
  const size_t handful_;
  std::array<std::vector<KeydirEntry>, kShards> entries_;
};

void check(const Keydir& k, const Model& model) {
  uint64_t live = 0;
  for (const auto& [id, address] : model) {
    Slot s;
    const bool found = k.find(Digest{id.first, id.second}, &s);
    assert_int_equal(found, !deletes(address));
    if (!found) continue;
    assert_int_equal(s.address, address);
    assert_int_equal(s.size_class, class_of(address));
    ++live;
  }
  assert_int_equal(k.size(), live);
}

void mixed(uint32_t hash_bits, uint64_t keys, uint64_t operations) {
  const Hasher h = hasher(hash_bits);
  std::mt19937_64 random(seed() + hash_bits + operations);
  auto k = make_keydir();
  Pile pile(*k);
  Hand hand(pile, 1 + random() % 500);
  Model model;
  for (uint64_t i = 0; i < operations; ++i) {
    const Digest d = digest_of(h, random() % keys);
    // Some are older than what was there before.
    const uint64_t address =
        random() % 4 == 0 && i > 100 ? (i - random() % 100) * 101 : i * 101 + 1;
    hand.add(d, address);
    uint64_t& newest = model[{d.high, d.low}];
    newest = std::max(newest, address);
  }
  hand.end();
  assert_true(pile.build().ok());
  assert_int_equal(pile.lost(), operations - model.size());
  check(*k, model);
  // It is a keydir like others from now on.
  for (uint64_t i = 0; i < keys; ++i) {
    const Digest d = digest_of(h, random() % (2 * keys));
    const uint64_t address = (operations + i) * kTombstoneClass * (kTombstoneClass + 1) + 1;
    Slot previous;
    if (i % 2 == 0) {
      const auto there = model.find({d.high, d.low});
      const bool live = there != model.end() && !deletes(there->second);
      assert_int_equal(k->erase(d, &previous), live);
      model.erase({d.high, d.low});
    } else {
      assert_true(k->make_room(d).ok());
      (void)k->put(d, {address, class_of(address)}, &previous);
      model[{d.high, d.low}] = address;
    }
  }
  check(*k, model);
}

void test_mixed(void**) {
  const uint64_t n = scaled(300'000, 30'000);
  mixed(0, n, n / 2);
  mixed(0, n, n * 2);
  mixed(0, n / 100, n);
}

// All keys in two shards, many with one word 1: their piles are larger than kPileMin.
void test_collisions(void**) { mixed(8, 200, 60'000); }

void test_nothing_and_one_key(void**) {
  for (const uint64_t copies : {0, 1, 2, 100}) {
    auto k = make_keydir();
    const Digest d = digest_of(hasher(), 7);
    Pile pile(*k);
    Hand hand(pile, 10);
    for (uint64_t i = 0; i < copies; ++i) hand.add(d, 1);  // a hint that was read twice
    hand.end();
    assert_true(pile.build().ok());
    check(*k, copies == 0 ? Model{} : Model{{{d.high, d.low}, 1}});
    assert_int_equal(pile.lost(), copies == 0 ? 0 : copies - 1);
    put(*k, digest_of(hasher(), 8), 2);
    assert_int_equal(address_of(*k, digest_of(hasher(), 8)), 2);
  }
}

void test_all_deleted_leaves_no_memory(void**) {
  auto k = make_keydir();
  const Hasher h = hasher();
  Pile pile(*k);
  Hand hand(pile, kHandful);
  const uint64_t keys = 20'000;
  for (uint64_t i = 0; i < keys; ++i) hand.add(digest_of(h, i), i * 64 + 1);
  for (uint64_t i = 0; i < keys; ++i) {
    hand.add(digest_of(h, i), (keys + i) * 64 + kTombstoneClass);
  }
  hand.end();
  assert_true(k->memory_bytes() > 0);
  assert_true(pile.build().ok());
  assert_int_equal(k->size(), 0);
  assert_int_equal(k->memory_bytes(), 0);
  assert_int_equal(pile.lost(), keys);
}

// Put again and again: a pile without a limit would take 16 bytes for each time.
void test_memory_follows_the_keys(void**) {
  const Hasher h = hasher();
  const uint64_t keys = 50'000;
  const uint64_t times = scaled(100, 60);
  auto k = make_keydir();
  Pile pile(*k);
  Hand hand(pile, kHandful);
  uint64_t most = 0;
  for (uint64_t t = 0; t < times; ++t) {
    for (uint64_t i = 0; i < keys; ++i) hand.add(digest_of(h, i), (t * keys + i) * 64 + 1);
    most = std::max(most, k->memory_bytes());
  }
  hand.end();
  assert_true(times * keys * sizeof(KeydirEntry) > 44 * kMiB);
  assert_true(most <= 36 * kMiB);
  assert_true(pile.build().ok());
  assert_int_equal(k->size(), keys);
  assert_int_equal(pile.lost(), (times - 1) * keys);
  auto exact = make_keydir();
  Pile once(*exact);
  Hand other(once, kHandful);
  for (uint64_t i = 0; i < keys; ++i) other.add(digest_of(h, i), i * 64 + 1);
  other.end();
  assert_true(once.build().ok());
  assert_int_equal(k->memory_bytes(), exact->memory_bytes());
  for (uint64_t i = 0; i < keys; i += 7) {
    Slot s;
    assert_true(k->find(digest_of(h, i), &s));
    assert_int_equal(s.address, ((times - 1) * keys + i) * 64 + 1);
  }
}

// Beyond the first limit, all in one shard: as the keys are many, it rises with them.
void test_a_pile_of_many_keys_is_not_thinned_out(void**) {
  std::mt19937_64 random(seed());
  auto k = make_keydir();
  Pile pile(*k);
  Hand hand(pile, kHandful);
  std::vector<Digest> digests;
  const uint64_t keys = 30'000;
  for (uint64_t i = 0; i < keys; ++i) digests.push_back({random(), i & kTagMask});
  for (uint64_t i = 0; i < keys; ++i) hand.add(digests[i], i * 64 + 1);
  hand.end();
  assert_int_equal(pile.lost(), 0);
  // Then they come again, several times: twice what they need is enough.
  for (uint64_t t = 1; t < 5; ++t) {
    for (uint64_t i = 0; i < keys; ++i) hand.add(digests[i], (t * keys + i) * 64 + 1);
  }
  hand.end();
  assert_true(pile.lost() > 0);
  assert_true(k->memory_bytes() <= (2 * keys + 3 * keys / 10) / kUnitCells * kRowBytes);
  assert_true(pile.build().ok());
  assert_int_equal(pile.lost(), 4 * keys);
  assert_int_equal(k->size(), keys);
  for (uint64_t i = 0; i < keys; ++i) {
    Slot s;
    assert_true(k->find(digests[i], &s));
    assert_int_equal(s.address, (4 * keys + i) * 64 + 1);
  }
}

// What puts found room for, a pile does too, up to the last key; a tenth more it refuses.
void test_as_full_as_puts(void**) {
  auto filled = make_keydir(1);
  std::vector<KeydirEntry> entries;
  std::mt19937_64 random(seed());
  while (true) {
    const Digest d{random(), entries.size() & kTagMask};  // all in shard 0
    if (!filled->make_room(d).ok()) break;
    const Slot slot{entries.size() + 1, 0};
    Slot previous;
    assert_false(filled->put(d, slot, &previous));
    entries.push_back({pack_slot(slot, d.low & kTagMask), d.high});
  }
  const auto wins = [](const Slot&, const Slot&) { return true; };
  const auto lost = [](const Slot&) {};
  LoadScratch scratch;
  auto k = make_keydir(1);
  // Twice: there is no room for all copies at once.
  for (size_t i = 0; i < 2 * entries.size(); ++i) {
    const std::span<const KeydirEntry> one(&entries[i % entries.size()], 1);
    assert_true(k->pile(0, one, LoadRules{wins, lost}, &scratch).ok());
  }
  assert_true(k->build(0, LoadRules{wins, lost}, &scratch).ok());
  assert_int_equal(k->size(), entries.size());
  for (const KeydirEntry& e : entries) {
    Slot s;
    assert_true(k->find(Digest{e.word1, e.word0 & kTagMask}, &s));
    assert_int_equal(s.address, unpack_slot(e.word0).address);
  }
  entries.resize(entries.size() + entries.size() / 10, entries.front());
  for (KeydirEntry& e : entries) e.word1 = random();
  auto full = make_keydir(1);
  Status s = full->pile(0, entries, LoadRules{wins, lost}, &scratch);
  if (s.ok()) s = full->build(0, LoadRules{wins, lost}, &scratch);
  assert_true(s.is(Code::store_full));
  // As if nothing had been.
  full->clear();
  assert_int_equal(full->size(), 0);
  put(*full, Digest{5, 5}, 3);
  assert_int_equal(address_of(*full, Digest{5, 5}), 3);
}

void test_several_threads(void**) {
  const Hasher h = hasher();
  const uint64_t keys = scaled(400'000, 40'000);
  auto k = make_keydir();
  Pile pile(*k);
  // Both have all keys; of each key the second thread has the newer address.
  const auto work = [&](uint64_t part) {
    Hand hand(pile, kHandful);
    for (uint64_t i = 0; i < keys; ++i) {
      hand.add(digest_of(h, part == 0 ? i : keys - 1 - i), (part * keys + i) * 64 + 1);
    }
    hand.end();
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  assert_true(pile.build().ok());
  assert_int_equal(pile.lost(), keys);
  assert_int_equal(k->size(), keys);
  for (uint64_t i = 0; i < keys; ++i) {
    Slot s;
    assert_true(k->find(digest_of(h, keys - 1 - i), &s));
    assert_int_equal(s.address, (keys + i) * 64 + 1);
  }
}

}  // namespace
}  // namespace stave

int main() {
  using namespace stave;
  const CMUnitTest tests[] = {
      cmocka_unit_test(test_mixed),
      cmocka_unit_test(test_collisions),
      cmocka_unit_test(test_nothing_and_one_key),
      cmocka_unit_test(test_all_deleted_leaves_no_memory),
      cmocka_unit_test(test_memory_follows_the_keys),
      cmocka_unit_test(test_a_pile_of_many_keys_is_not_thinned_out),
      cmocka_unit_test(test_as_full_as_puts),
      cmocka_unit_test(test_several_threads),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
