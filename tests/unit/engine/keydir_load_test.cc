// Loading many entries at once leaves what one by one would, whatever was there before.
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "keydir_support.h"

namespace stave {
namespace {

using namespace keydir_test;

// Address by digest: with few bits of hash, keys share digests, and the keydir cannot tell them.
using Model = std::map<std::pair<uint64_t, uint64_t>, uint64_t>;

auto identity(const Digest& d) { return std::pair(d.high, d.low); }

struct Batch {
  std::array<std::vector<KeydirEntry>, kShards> entries;
  void add(const Digest& d, uint64_t address) {
    const Slot slot{address, static_cast<unsigned>(address % kTombstoneClass)};
    entries[Keydir::shard_of(d)].push_back({pack_slot(slot, d.low & kTagMask), d.high});
  }
};

// Returns how many keys came to be: of all others, one of two entries was lost.
int64_t load(Keydir& k, const Batch& batch) {
  int64_t fresh_keys = 0;
  const auto wins = [](const Slot& there, const Slot& fresh) {
    return there.address < fresh.address;
  };
  const auto lost = [&](const Slot& loser) {
    assert_int_equal(loser.size_class, loser.address % kTombstoneClass);
    --fresh_keys;
  };
  LoadScratch scratch;
  for (unsigned shard = 0; shard < kShards; ++shard) {
    const LoadRules rules{wins, lost};
    fresh_keys += static_cast<int64_t>(batch.entries[shard].size());
    assert_true(k.load(shard, batch.entries[shard], rules, &scratch).ok());
  }
  return fresh_keys;
}

void check(const Keydir& k, const Model& model) {
  assert_int_equal(k.size(), model.size());
  for (const auto& [id, address] : model) {
    assert_int_equal(address_of(k, Digest{id.first, id.second}), address);
  }
}

// Addresses are unique: `next` counts them.
void random_batch(Keydir& k, const Hasher& h, std::mt19937_64& random, uint64_t keys, uint64_t n,
                  uint64_t* next, Model* model) {
  Batch batch;
  const size_t before = model->size();
  for (uint64_t i = 0; i < n; ++i) {
    const Digest d = digest_of(h, random() % keys);
    // Some are older than what is there, or than an entry of the same batch.
    const uint64_t address = random() % 4 == 0 && *next > 100 ? *next - random() % 100 : *next;
    *next += 101;
    batch.add(d, address);
    uint64_t& newest = (*model)[identity(d)];
    newest = std::max(newest, address);
  }
  assert_int_equal(load(k, batch), model->size() - before);
}

void mixed(uint32_t hash_bits, uint64_t keys, unsigned rounds) {
  auto k = make_keydir();
  const Hasher h = hasher(hash_bits);
  std::mt19937_64 random(seed() + hash_bits);
  Model model;
  uint64_t next = 1;
  for (unsigned round = 0; round < rounds; ++round) {
    const uint64_t n = random() % 2 == 0 ? random() % (keys / 2) : random() % 100;
    random_batch(*k, h, random, keys, n, &next, &model);
    check(*k, model);
    // Puts and erases leave growth and shrinking half way.
    for (uint64_t i = 0; i < keys / 8; ++i) {
      const Digest d = digest_of(h, random() % keys);
      Slot previous;
      if (random() % 3 == 0) {
        assert_int_equal(k->erase(d, &previous), model.erase(identity(d)));
      } else {
        put(*k, d, next);
        model[identity(d)] = next;
        next += 101;
      }
    }
    check(*k, model);
  }
}

void test_mixed(void**) { mixed(0, scaled(100'000, 10'000), 12); }
// All keys in two shards, many with one word 1.
void test_collisions(void**) { mixed(8, 200, 200); }

// What puts found room for, loading does too, up to the last key.
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
  assert_true(entries.size() > 1000);
  auto loaded = make_keydir(1);
  const auto wins = [](const Slot&, const Slot&) { return true; };
  const auto lost = [](const Slot&) {};
  LoadScratch scratch;
  std::vector<KeydirEntry> copy = entries;
  assert_true(loaded->load(0, copy, LoadRules{wins, lost}, &scratch).ok());
  assert_int_equal(loaded->size(), entries.size());
  for (const KeydirEntry& e : entries) {
    Slot s;
    assert_true(loaded->find(Digest{e.word1, e.word0 & kTagMask}, &s));
    assert_int_equal(s.address, unpack_slot(e.word0).address);
  }
}

// More than there is address space for: the shard says so and keeps what it had.
void test_full(void**) {
  auto k = make_keydir(1);
  const Hasher h = hasher();
  put(*k, digest_of(h, 0), 1);
  const unsigned shard = Keydir::shard_of(digest_of(h, 0));
  std::vector<KeydirEntry> entries;
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    entries.push_back({pack_slot({i + 2, 0}, i & kTagMask), i << 40});
  }
  const auto wins = [](const Slot&, const Slot&) { return true; };
  const auto lost = [](const Slot&) {};
  LoadScratch scratch;
  assert_true(k->load(shard, entries, LoadRules{wins, lost}, &scratch).is(Code::store_full));
  assert_int_equal(address_of(*k, digest_of(h, 0)), 1);
  assert_int_equal(k->size(), 1);
}

}  // namespace
}  // namespace stave

int main() {
  using namespace stave;
  const CMUnitTest tests[] = {
      cmocka_unit_test(test_mixed),
      cmocka_unit_test(test_collisions),
      cmocka_unit_test(test_as_full_as_puts),
      cmocka_unit_test(test_full),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
