// Damaged shards of a checkpoint: whoever meets one waits until it is filled again, and then
// gets the right answer. Never a wrong one, never "absent" for a key that is there.
#include <atomic>
#include <new>
#include <thread>

#include "keydir_image.h"

namespace stave::keydir_test {
namespace {

const uint64_t kKeys = scaled(200000, 40000);  // three units a shard and more
constexpr uint64_t kErased = 1000;             // of which the first are erased again

struct Damaged {
  explicit Damaged(const Hasher& h) {
    auto k = make_keydir();
    for (uint64_t i = kErased; i < kKeys; ++i) put(*k, digest_of(h, i), i + 1);
    Image image(*k);
    std::mt19937_64 random(seed());
    for (unsigned shard : shards) {
      char& byte = image.byte(shard, random() % image.shards[shard].length);
      byte = static_cast<char>(byte ^ 1 << random() % 8);
    }
    keydir = make_keydir();
    assert_true(image.adopt_into(*keydir).ok());
    keydir->set_repair([&, this](KeydirPatch& patch) {
      ++repairs;
      for (uint64_t i = 0; i < kKeys; ++i) {
        const Digest d = digest_of(h, i);
        wanted += patch.wants(d);
        // As a log has it: an older put, the newest one, and tombstones.
        assert_true(patch.put(d, {i + 7, 1}).ok());
        assert_true(patch.put(d, slot_of(i)).ok());
        if (i < kErased) patch.erase(d);
      }
      return answer;
    });
  }
  static Slot slot_of(uint64_t i) { return {i + 1, static_cast<unsigned>((i + 1) % 31)}; }

  const unsigned shards[3] = {0, 77, 255};
  std::unique_ptr<Keydir> keydir;
  std::atomic<uint64_t> repairs{0}, wanted{0};
  Status answer;
};

void all_damaged_shards_are_filled_at_the_first_touch_of_one(void**) {
  const Hasher h = hasher();
  Damaged d(h);
  for (uint64_t i = 0; i < kKeys; ++i) {
    assert_int_equal(address_of(*d.keydir, digest_of(h, i)), i < kErased ? 0 : i + 1);
  }
  assert_int_equal(d.repairs.load(), 1);
  assert_in_range(d.wanted.load(), kKeys / 110, kKeys / 65);  // 3 of 256 shards
  assert_int_equal(d.keydir->size(), kKeys - kErased);
  assert_false(d.keydir->damaged());
  for (uint64_t i = 0; i < 2 * kKeys; ++i) put(*d.keydir, digest_of(h, i), i + 2);
  for (uint64_t i = 0; i < 2 * kKeys; ++i) {
    assert_int_equal(address_of(*d.keydir, digest_of(h, i)), i + 2);
  }
}

uint64_t key_in_shard(const Hasher& h, unsigned shard) {
  uint64_t i = kErased;
  while (Keydir::shard_of(digest_of(h, i)) != shard) ++i;
  return i;
}

void any_call_may_be_the_one_that_repairs(void**) {
  const Hasher h = hasher();
  const uint64_t key = key_in_shard(h, 77);
  const Digest digest = digest_of(h, key);
  for (unsigned what = 0; what < 7; ++what) {
    Damaged d(h);
    Slot previous;
    std::vector<CheckpointShard> table;
    uint64_t visits = 0;
    switch (what) {
      case 0:
        assert_true(put(*d.keydir, digest, 5, &previous));
        break;
      case 1:
        assert_true(d.keydir->erase(digest, &previous));
        break;
      case 2:
        assert_true(d.keydir->replace_if(digest, key + 1, {9, 9}));
        break;
      case 3:
        assert_true(d.keydir->erase_if(digest, key + 1));
        break;
      case 4:
        assert_true(d.keydir->verify_all());
        break;
      case 5:
        d.keydir->for_each([&](const Slot&) { return ++visits > 0; });
        assert_int_equal(visits, kKeys - kErased);
        break;
      default:
        assert_true(d.keydir->save(&table, [](auto&&...) { return Status(); }).ok());
    }
    assert_int_equal(d.repairs.load(), 1);
    assert_false(d.keydir->damaged());
    if (what < 2) assert_int_equal(previous.address, key + 1);
  }
}

void threads_that_meet_the_damage_together_all_see_every_key(void**) {
  const Hasher h = hasher();
  Damaged d(h);
  std::atomic<uint64_t> wrong{0};
  std::thread threads[4];
  for (unsigned t = 0; t < 4; ++t) {
    threads[t] = std::thread([&, t] {
      for (uint64_t i = 0; i < kKeys; ++i) {
        const uint64_t key = (i + t * kKeys / 4) % kKeys;
        Slot s;
        const bool found = d.keydir->find(digest_of(h, key), &s);
        if (found != (key >= kErased) || (found && s.address != key + 1)) ++wrong;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  assert_int_equal(wrong.load(), 0);
  assert_int_equal(d.repairs.load(), 1);
}

void a_repair_that_fails_is_damage_and_not_absence(void**) {
  const Hasher h = hasher();
  for (const bool throws : {false, true}) {
    Damaged d(h);
    if (throws) d.keydir->set_repair([](KeydirPatch&) -> Status { throw std::bad_alloc(); });
    d.answer = Status(Code::io, "injected");
    const Digest digest = digest_of(h, key_in_shard(h, 77));
    assert_int_equal(address_of(*d.keydir, digest), 0);
    assert_true(d.keydir->damaged());  // so nobody may believe the miss
    assert_true(d.keydir->make_room(digest).is(Code::corrupt));
    const uint64_t other = key_in_shard(h, 78);
    assert_int_equal(address_of(*d.keydir, digest_of(h, other)), other + 1);
    assert_false(d.keydir->verify_all());
    d.keydir->clear();
    assert_false(d.keydir->damaged());
  }
}

// Good checksums over addresses that lead elsewhere.
void addresses_that_are_not_covered_are_damage(void**) {
  constexpr uint64_t kGranule = (16ULL << 20) / 8;
  auto k = make_keydir();
  const Hasher h = hasher();
  for (uint64_t i = 0; i < 1000; ++i) put(*k, digest_of(h, i), 3 * kGranule + 8 + i);
  struct {
    uint64_t first, end;
    bool covered;
  } const cases[] = {{8, 1008, true}, {9, 1008, false}, {8, 1007, false}};
  for (const auto& c : cases) {
    Image image(*k);
    auto a = make_keydir();
    KeydirCover cover;
    cover.add(3, 1, 3 * kGranule + c.first, 3 * kGranule + c.end);
    auto load = [&](void* to, uint64_t length) { return image.load(to, length); };
    assert_true(a->adopt(image.shards, load, cover).ok());
    assert_int_equal(a->verify_all(), c.covered);
  }
  KeydirCover elsewhere;
  elsewhere.add(1, 2, kGranule + 8, 3 * kGranule);
  Image image(*k);
  auto a = make_keydir();
  auto load = [&](void* to, uint64_t length) { return image.load(to, length); };
  assert_true(a->adopt(image.shards, load, elsewhere).ok());
  assert_false(a->verify_all());
}

}  // namespace
}  // namespace stave::keydir_test

int main() {
  using namespace stave::keydir_test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(all_damaged_shards_are_filled_at_the_first_touch_of_one),
      cmocka_unit_test(any_call_may_be_the_one_that_repairs),
      cmocka_unit_test(threads_that_meet_the_damage_together_all_see_every_key),
      cmocka_unit_test(a_repair_that_fails_is_damage_and_not_absence),
      cmocka_unit_test(addresses_that_are_not_covered_are_damage),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
