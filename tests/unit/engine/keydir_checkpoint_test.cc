// Checkpoints: what save wrote, adopt takes over lazily, and damage never passes for absence.
#include <vector>

#include "keydir_image.h"

namespace stave::keydir_test {
namespace {

void fill(Keydir& k, const Hasher& h, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i) put(k, digest_of(h, i), i + 1);
}

void assert_filled(const Keydir& k, const Hasher& h, uint64_t n) {
  assert_int_equal(k.size(), n);
  for (uint64_t i = 0; i < n; ++i) assert_int_equal(address_of(k, digest_of(h, i)), i + 1);
  for (uint64_t i = n; i < n + 1000; ++i) assert_int_equal(address_of(k, digest_of(h, i)), 0);
}

// Sizes chosen so that growths are under way in some shards and not in others.
void adopted_tables_hold_what_was_saved(void**) {
  const Hasher h = hasher();
  for (uint64_t n : {0, 1, 200, 44000, 48611, 250000, 611953}) {
    auto k = make_keydir();
    fill(*k, h, n);
    Image image(*k);
    assert_filled(*k, h, n);  // saving changes nothing that can be seen
    auto adopted = make_keydir();
    assert_true(image.adopt_into(*adopted).ok());
    assert_int_equal(adopted->size(), n);
    assert_filled(*adopted, h, n);
    assert_true(adopted->verify_all());
  }
}

void adopted_tables_grow_and_shrink(void**) {
  const Hasher h = hasher();
  const uint64_t n = 300000;
  auto k = make_keydir();
  fill(*k, h, n);
  Image image(*k);
  auto adopted = make_keydir();
  assert_true(image.adopt_into(*adopted).ok());
  for (uint64_t i = n; i < 3 * n; ++i) assert_false(put(*adopted, digest_of(h, i), i + 1));
  assert_filled(*adopted, h, 3 * n);
  Slot previous;
  for (uint64_t i = 1000; i < 3 * n; ++i) assert_true(adopted->erase(digest_of(h, i), &previous));
  // Pages of the file that shrinking gave back read as zeros, not as the file again.
  assert_filled(*adopted, h, 1000);
  for (uint64_t i = 1000; i < n; ++i) assert_false(put(*adopted, digest_of(h, i), i + 1));
  assert_filled(*adopted, h, n);
  Image again(*adopted);
  auto third = make_keydir();
  assert_true(again.adopt_into(*third).ok());
  assert_filled(*third, h, n);
}

void first_touch_may_be_any_call(void**) {
  const Hasher h = hasher();
  const uint64_t n = 50000;
  auto k = make_keydir();
  fill(*k, h, n);
  Image image(*k);
  Slot previous;
  for (unsigned what = 0; what < 6; ++what) {
    auto a = make_keydir();
    assert_true(image.adopt_into(*a).ok());
    const Digest d = digest_of(h, 7);
    bool replaced = false;
    if (what == 0) assert_true(put(*a, d, 8, &previous));
    if (what == 1) assert_true(a->erase(d, &previous));
    if (what == 2) assert_true(a->replace_if(d, 8, {9, 9}));
    if (what == 3) assert_true(a->erase_if(d, 8));
    if (what == 4) {
      auto wins = [](const Slot& s) { return s.address == 8; };
      assert_true(load_one(*a, d, {9, 9}, wins, &replaced, &previous));
      assert_true(replaced);
    }
    if (what == 5) {
      uint64_t visits = 0;
      a->for_each([&](const Slot&) { return ++visits > 0; });
      assert_int_equal(visits, n);
    }
    assert_false(a->damaged());
  }
}

uint64_t key_in_shard(const Hasher& h, unsigned shard) {
  uint64_t i = 0;
  while (Keydir::shard_of(digest_of(h, i)) != shard) ++i;
  return i;
}

void one_flipped_bit_is_damage_and_sticks(void**) {
  const Hasher h = hasher();
  const uint64_t n = 60000;
  auto k = make_keydir();
  fill(*k, h, n);
  std::mt19937_64 random(seed());
  for (int round = 0; round < 50; ++round) {
    Image image(*k);
    const unsigned shard = static_cast<unsigned>(random() % kShards);
    char& byte = image.byte(shard, random() % image.shards[shard].length);
    byte = static_cast<char>(byte ^ 1 << random() % 8);
    auto a = make_keydir();
    assert_true(image.adopt_into(*a).ok());
    assert_false(a->damaged());  // lazily: nothing was touched yet
    assert_int_equal(address_of(*a, digest_of(h, key_in_shard(h, (shard + 1) % kShards))) > 0, 1);
    assert_false(a->damaged());
    const Digest hit = digest_of(h, key_in_shard(h, shard));
    assert_int_equal(address_of(*a, hit), 0);
    assert_true(a->damaged());
    assert_true(a->make_room(hit).is(Code::corrupt));
    assert_false(a->verify_all());
    std::vector<CheckpointShard> table;
    assert_true(a->save(&table, [](auto&&...) { return Status(); }).is(Code::corrupt));
    a->clear();
    assert_false(a->damaged());
    fill(*a, h, n);
    assert_filled(*a, h, n);
  }
}

uint64_t* used_cell(Image& image, unsigned shard, uint64_t from) {
  while (image.cell(shard, from)[0] == 0) ++from;
  return image.cell(shard, from);
}

// A valid checksum over cells that break an invariant (a bug of a writer, not of the disk).
void cells_out_of_order_are_damage(void**) {
  const Hasher h = hasher();
  auto k = make_keydir();
  fill(*k, h, 60000);
  struct Change {
    const char* what;
    void (*apply)(CheckpointShard& c, Image& image);
  };
  constexpr unsigned kShard = 3;
  const Change changes[] = {
      {"count", [](CheckpointShard& c, Image&) { ++c.count; }},
      {"capacity", [](CheckpointShard& c, Image&) { c.capacity += c.capacity / 2; }},
      {"length", [](CheckpointShard& c, Image&) { c.length -= 16; }},
      {"order",
       [](CheckpointShard& c, Image& i) {
         std::swap(i.cell(kShard, 0)[1], i.cell(kShard, c.length / 16 - 1)[1]);
       }},
      {"order across units",
       [](CheckpointShard&, Image& i) {
         uint64_t* const a = used_cell(i, kShard, 10);
         uint64_t* const b = used_cell(i, kShard, 200);
         for (int w : {0, 1}) std::swap(a[w], b[w]);
       }},
      {"garbage in a free cell",
       [](CheckpointShard&, Image& image) {
         uint64_t i = 0;
         while (image.cell(kShard, i)[0] != 0) ++i;
         image.cell(kShard, i)[1] = 1;
       }},
  };
  for (const Change& change : changes) {
    Image image(*k);
    change.apply(image.shards[kShard], image);
    image.make_crc_right(kShard);
    auto a = make_keydir();
    assert_true(image.adopt_into(*a).ok());
    if (a->verify_all()) fail_msg("not noticed: %s", change.what);
  }
}

void impossible_numbers_are_refused_and_leave_it_empty(void**) {
  const Hasher h = hasher();
  auto k = make_keydir();
  fill(*k, h, 60000);
  void (*const changes[])(CheckpointShard&) = {
      [](CheckpointShard& c) { c.length += 8; },
      [](CheckpointShard& c) { c.length = UINT64_MAX - 15; },
      [](CheckpointShard& c) { c.capacity = 0; },
      [](CheckpointShard& c) { c.capacity = UINT64_MAX; },
      [](CheckpointShard& c) { c.count = c.length; },
      [](CheckpointShard& c) { c.length = 0; },
      [](CheckpointShard& c) { c.count = 0; },
  };
  for (auto change : changes) {
    Image image(*k);
    change(image.shards[200]);
    auto a = make_keydir();
    assert_true(image.adopt_into(*a).is(Code::corrupt));
    assert_int_equal(a->size(), 0);
    fill(*a, h, 60000);
    assert_filled(*a, h, 60000);
  }
  Image image(*k);
  image.shards.pop_back();
  assert_true(image.adopt_into(*make_keydir()).is(Code::corrupt));
}

void a_failing_load_leaves_it_empty(void**) {
  const Hasher h = hasher();
  auto k = make_keydir();
  fill(*k, h, 60000);
  for (const bool half_way : {false, true}) {
    Image image(*k);
    auto a = make_keydir();
    const Status s = a->adopt(image.shards, [&](void* to, uint64_t length) {
      if (half_way) assert_true(image.load(to, length).ok());
      return Status(Code::io, "injected");
    });
    assert_true(s.is(Code::io));
    assert_int_equal(a->size(), 0);
    assert_int_equal(address_of(*a, digest_of(h, 1)), 0);
    fill(*a, h, 1000);
    assert_filled(*a, h, 1000);
  }
}

void garbage_behind_an_image_is_not_taken_over(void**) {
  const Hasher h = hasher();
  auto k = make_keydir();
  fill(*k, h, 60000);
  Image image(*k);
  for (unsigned shard = 0; shard < kShards; ++shard) {
    for (uint64_t at = image.shards[shard].length; at < image.rows() * kUnitBytes; ++at) {
      image.byte(shard, at) = '\xee';
    }
  }
  auto a = make_keydir();
  assert_true(image.adopt_into(*a).ok());
  assert_true(a->verify_all());
  for (uint64_t i = 60000; i < 200000; ++i) put(*a, digest_of(h, i), i + 1);
  assert_filled(*a, h, 200000);
  uint64_t visits = 0;
  a->for_each([&](const Slot&) { return ++visits > 0; });
  assert_int_equal(visits, 200000);
}

void a_failing_write_is_reported(void**) {
  auto k = make_keydir();
  fill(*k, hasher(), 1000);
  std::vector<CheckpointShard> table;
  const Status s = k->save(&table, [](auto&&...) { return Status(Code::no_space, "full"); });
  assert_true(s.is(Code::no_space));
}

}  // namespace
}  // namespace stave::keydir_test

int main() {
  using namespace stave::keydir_test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(adopted_tables_hold_what_was_saved),
      cmocka_unit_test(adopted_tables_grow_and_shrink),
      cmocka_unit_test(first_touch_may_be_any_call),
      cmocka_unit_test(one_flipped_bit_is_damage_and_sticks),
      cmocka_unit_test(cells_out_of_order_are_damage),
      cmocka_unit_test(impossible_numbers_are_refused_and_leave_it_empty),
      cmocka_unit_test(a_failing_load_leaves_it_empty),
      cmocka_unit_test(garbage_behind_an_image_is_not_taken_over),
      cmocka_unit_test(a_failing_write_is_reported),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
