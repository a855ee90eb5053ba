// The keydir against a map of identities: random operations, collisions, growth, shrinking.
#include "engine/keydir.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "keydir_support.h"

namespace stave::keydir_test {
namespace {

using Identity = std::tuple<unsigned, uint64_t, uint64_t>;
Identity identity(const Digest& d) { return {Keydir::shard_of(d), d.high, d.low & kTagMask}; }

using Model = std::map<Identity, uint64_t>;

void assert_equal_to_model(Keydir& k, const Model& model) {
  assert_int_equal(k.size(), model.size());
  std::vector<uint64_t> expected, seen;
  for (const auto& entry : model) expected.push_back(entry.second);
  k.for_each([&](const Slot& s) {
    seen.push_back(s.address);
    return true;
  });
  std::sort(expected.begin(), expected.end());
  std::sort(seen.begin(), seen.end());
  assert_true(expected == seen);
  assert_true(k.verify_all());
}

// One random operation on both; the answers must agree.
void step(Keydir& k, Model& model, const Digest& d, unsigned what, uint64_t address) {
  const Identity id = identity(d);
  auto it = model.find(id);
  const uint64_t old = it == model.end() ? 0 : it->second;
  Slot previous;
  const Slot slot{address, static_cast<unsigned>(address % kTombstoneClass)};
  switch (what) {
    case 0:
      assert_int_equal(address_of(k, d), old);
      return;
    case 1:
      assert_int_equal(put(k, d, address, &previous), old != 0);
      if (old != 0) assert_int_equal(previous.address, old);
      model[id] = address;
      return;
    case 2:
      assert_int_equal(k.erase(d, &previous), old != 0);
      if (old != 0) assert_int_equal(previous.address, old);
      model.erase(id);
      return;
    case 3:  // a stale swing is refused, a current one is done
      assert_false(k.replace_if(d, old + 1, slot));
      assert_int_equal(k.replace_if(d, old, slot), old != 0);
      if (old != 0) model[id] = address;
      return;
    case 4:
      assert_false(k.erase_if(d, old + 1));
      assert_int_equal(k.erase_if(d, old), old != 0);
      model.erase(id);
      return;
    default: {
      bool replaced = false;
      auto newer = [&](const Slot& s) { return s.address < address; };
      const bool had = load_one(k, d, slot, newer, &replaced, &previous);
      assert_int_equal(had, old != 0);
      if (had) assert_int_equal(previous.address, old);
      assert_int_equal(replaced, had && old < address);
      if (old < address) model[id] = address;
      return;
    }
  }
}

void random_operations(uint32_t hash_bits, uint64_t keys, unsigned operations) {
  auto k = make_keydir();
  const Hasher h = hasher(hash_bits);
  Model model;
  std::mt19937_64 random(seed() + hash_bits);
  for (unsigned i = 0; i < operations; ++i) {
    // Phases of mostly putting and mostly erasing, so that tables grow and shrink.
    const bool filling = i / (operations / 6) % 2 == 0;
    unsigned what = static_cast<unsigned>(random() % 6);
    if (random() % 2 == 0) what = filling ? 1 : 2;
    const uint64_t address = 1 + random() % ((1ULL << kAddressBits) - 1);
    step(*k, model, digest_of(h, random() % keys), what, address);
  }
  assert_equal_to_model(*k, model);
}

void random_operations_agree_with_a_map(void**) { random_operations(0, 60000, 600000); }

void keys_of_equal_identity_are_one(void**) {
  for (uint32_t bits : {1, 2, 3, 4, 6, 9, 12, 16}) random_operations(bits, 50000, 30000);
}

void hash_bits_bound_the_identities(void**) {
  for (uint32_t bits : {1, 2, 4, 8}) {
    auto k = make_keydir();
    const Hasher h = hasher(bits);
    for (uint64_t i = 0; i < 20000; ++i) put(*k, digest_of(h, i), i + 1);
    assert_int_equal(k->size(), 1U << bits);
  }
}

void slots_that_share_word1_are_told_apart_by_the_tag(void**) {
  auto k = make_keydir();
  for (uint64_t tag = 0; tag < 500; ++tag) put(*k, {77, tag * 7}, tag + 1);
  for (uint64_t tag = 0; tag < 500; ++tag) assert_int_equal(address_of(*k, {77, tag * 7}), tag + 1);
  assert_int_equal(address_of(*k, {77, 1}), 0);
  Slot previous;
  for (uint64_t tag = 0; tag < 500; tag += 2) assert_true(k->erase({77, tag * 7}, &previous));
  for (uint64_t tag = 0; tag < 500; ++tag) {
    assert_int_equal(address_of(*k, {77, tag * 7}), tag % 2 == 0 ? 0 : tag + 1);
  }
}

// The ends of the digest range, where homes are first and last and probing overflows.
void extreme_digests_have_their_place(void**) {
  auto k = make_keydir();
  std::vector<uint64_t> highs;
  for (uint64_t i = 0; i < 3000; ++i) {
    highs.push_back(i);
    highs.push_back(UINT64_MAX - i);
  }
  for (uint64_t high : highs) assert_false(put(*k, {high, 5}, high % 1000 + 1));
  for (uint64_t high : highs) assert_int_equal(address_of(*k, {high, 5}), high % 1000 + 1);
  Slot previous;
  for (uint64_t high : highs) assert_true(k->erase({high, 5}, &previous));
  assert_int_equal(k->size(), 0);
}

void fields_keep_their_bits(void**) {
  auto k = make_keydir();
  const uint64_t last = (1ULL << kAddressBits) - 1;
  const Digest d{UINT64_MAX, UINT64_MAX};
  assert_true(k->make_room(d).ok());
  Slot s;
  k->put(d, {last, 31}, &s);
  assert_true(k->find(d, &s));
  assert_int_equal(s.address, last);
  assert_int_equal(s.size_class, 31);
}

void memory_follows_the_keys_up_and_down(void**) {
  auto k = make_keydir();
  const Hasher h = hasher();
  const uint64_t n = 1000000;
  for (uint64_t i = 0; i < n; ++i) put(*k, digest_of(h, i), i + 1);
  const uint64_t full = k->memory_bytes();
  assert_in_range(full, 16 * n, 20 * n + kHugePage);
  Slot previous;
  for (uint64_t i = 0; i < n - n / 50; ++i) assert_true(k->erase(digest_of(h, i), &previous));
  assert_int_equal(k->size(), n / 50);
  assert_true(k->memory_bytes() <= full / 10);
  for (uint64_t i = n - n / 50; i < n; ++i)
    assert_int_equal(address_of(*k, digest_of(h, i)), i + 1);
  for (uint64_t i = 0; i < n / 10; ++i) put(*k, digest_of(h, i), i + 5);
  for (uint64_t i = 0; i < n / 10; ++i) assert_int_equal(address_of(*k, digest_of(h, i)), i + 5);
}

void for_each_erases_what_it_is_told(void**) {
  auto k = make_keydir();
  const Hasher h = hasher();
  const uint64_t n = 300000;
  for (uint64_t i = 0; i < n; ++i) put(*k, digest_of(h, i), i + 1);
  const uint64_t full = k->memory_bytes();
  uint64_t visits = 0;
  k->for_each([&](const Slot& s) {
    ++visits;
    return s.address % 100 == 0;
  });
  assert_int_equal(visits, n);
  assert_int_equal(k->size(), n / 100);
  for (uint64_t i = 0; i < n; ++i) {
    assert_int_equal(address_of(*k, digest_of(h, i)), (i + 1) % 100 == 0 ? i + 1 : 0);
  }
  assert_true(k->memory_bytes() < full / 2);
  k->for_each([](const Slot&) { return false; });
  assert_int_equal(k->size(), 0);
}

void room_for_many_puts_is_enough_for_them(void**) {
  auto k = make_keydir();
  const Hasher h = hasher();
  const Digest first = digest_of(h, 0);
  assert_true(k->make_room(first, 20000).ok());
  Slot previous;
  uint64_t done = 0;
  for (uint64_t i = 0; done < 20000; ++i) {
    Digest d = digest_of(h, i);
    if (Keydir::shard_of(d) != Keydir::shard_of(first)) continue;
    assert_false(k->put(d, {i + 1, 0}, &previous));
    ++done;
  }
  assert_int_equal(k->size(), done);
}

void a_full_address_space_is_said_and_harms_nothing(void**) {
  auto k = make_keydir(1);  // the least there is: 4,096 cells per shard
  const Hasher h = hasher();
  std::vector<uint64_t> kept;
  Status refused;
  for (uint64_t i = 0; i < 2000000 && refused.ok(); ++i) {
    refused = k->make_room(digest_of(h, i));
    if (!refused.ok()) break;
    Slot previous;
    k->put(digest_of(h, i), {i + 1, static_cast<unsigned>((i + 1) % kTombstoneClass)}, &previous);
    kept.push_back(i);
  }
  assert_true(refused.is(Code::store_full));
  assert_true(kept.size() > 256 * 3000);
  for (uint64_t i : kept) assert_int_equal(address_of(*k, digest_of(h, i)), i + 1);
  // Erasing makes room again.
  Slot previous;
  for (uint64_t i : kept) assert_true(k->erase(digest_of(h, i), &previous));
  assert_true(k->make_room(digest_of(h, 1)).ok());
}

void clear_empties_and_the_keydir_goes_on(void**) {
  auto k = make_keydir();
  const Hasher h = hasher();
  for (int round = 0; round < 3; ++round) {
    for (uint64_t i = 0; i < 100000; ++i) assert_false(put(*k, digest_of(h, i), i + 1));
    k->clear();
    assert_int_equal(k->size(), 0);
    assert_int_equal(k->memory_bytes(), 0);
    for (uint64_t i = 0; i < 1000; ++i) assert_int_equal(address_of(*k, digest_of(h, i)), 0);
  }
}

void size_classes_rise_and_cover_every_size(void**) {
  for (unsigned c = 1; c < 32; ++c) assert_true(size_class_max(c) > size_class_max(c - 1));
  assert_int_equal(size_class_max(31), 4ULL << 30);
  for (uint64_t size = 0; size <= 1 << 20; ++size) {
    const unsigned c = size_class(size);
    assert_true(c < kTombstoneClass && size <= size_class_max(c));
    assert_true(c == 0 || size > size_class_max(c - 1));
  }
  for (unsigned c = 0; c < 31; ++c) {
    assert_int_equal(size_class(size_class_max(c)), c);
    if (c < 30) assert_int_equal(size_class(size_class_max(c) + 1), c + 1);
  }
  // Never the class that means a tombstone: an opening would drop the key.
  for (const uint64_t size : {(2ULL << 30) + 1, 3ULL << 30, 4ULL << 30}) {
    assert_int_equal(size_class(size), 30);
  }
}

}  // namespace
}  // namespace stave::keydir_test

int main() {
  using namespace stave::keydir_test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(random_operations_agree_with_a_map),
      cmocka_unit_test(keys_of_equal_identity_are_one),
      cmocka_unit_test(hash_bits_bound_the_identities),
      cmocka_unit_test(slots_that_share_word1_are_told_apart_by_the_tag),
      cmocka_unit_test(extreme_digests_have_their_place),
      cmocka_unit_test(fields_keep_their_bits),
      cmocka_unit_test(memory_follows_the_keys_up_and_down),
      cmocka_unit_test(for_each_erases_what_it_is_told),
      cmocka_unit_test(room_for_many_puts_is_enough_for_them),
      cmocka_unit_test(a_full_address_space_is_said_and_harms_nothing),
      cmocka_unit_test(clear_empties_and_the_keydir_goes_on),
      cmocka_unit_test(size_classes_rise_and_cover_every_size),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
