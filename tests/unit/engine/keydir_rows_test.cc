// Units and rows: what stands at their borders, and when memory comes and goes.
#include "engine/keydir_rows.h"

#include "keydir_support.h"

namespace stave::keydir_test {
namespace {

// Digests of one shard in ascending order of word 1, spread over the whole range.
Digest in_shard(unsigned shard, uint64_t i, uint64_t n) {
  return {UINT64_MAX / n * i, uint64_t{shard} << (64 - kShardBits)};
}

void units_of_all_shards_stand_apart(void**) {
  KeydirRows rows;
  assert_true(rows.reserve(4 * kUnitCells).ok());
  assert_int_equal(reinterpret_cast<uintptr_t>(rows.data()) % kHugePage, 0);
  for (unsigned s = 0; s + 1 < kShards; ++s) {
    assert_ptr_equal(rows.cells(s) + kUnitCells, rows.cells(s + 1));
  }
  // The next unit of the first shard follows the first unit of the last one.
  assert_ptr_equal(rows.cells(kShards - 1) + kUnitCells, rows.cells(0) + kUnitCells + kUnitGap);
}

// Every number of keys around one, two and three units, in two neighbouring shards, so that a
// cell written to a wrong unit destroys one of the other's.
void tables_of_every_length_around_a_border_are_whole(void**) {
  for (uint64_t n = 180; n<800; n += n % 256> 200 || n % 256 < 20 ? 1 : 37) {
    auto k = make_keydir();
    for (uint64_t i = 0; i < n; ++i) {
      for (unsigned s : {7U, 8U}) assert_false(put(*k, in_shard(s, i, n), s * 1000 + i));
    }
    for (uint64_t i = 0; i < n; ++i) {
      for (unsigned s : {7U, 8U}) {
        assert_int_equal(address_of(*k, in_shard(s, i, n)), s * 1000 + i);
      }
    }
    Slot previous;
    for (uint64_t i = 0; i < n; i += 2) assert_true(k->erase(in_shard(7, i, n), &previous));
    for (uint64_t i = 0; i < n; ++i) {
      assert_int_equal(address_of(*k, in_shard(7, i, n)), i % 2 == 0 ? 0 : 7000 + i);
      assert_int_equal(address_of(*k, in_shard(8, i, n)), 8000 + i);
    }
  }
}

// One run of cells over a whole unit: probing, moving and closing up cross its ends.
void a_run_over_several_units_moves_as_one(void**) {
  auto k = make_keydir();
  constexpr uint64_t kRun = 600;
  constexpr uint64_t kMiddle = UINT64_MAX / 2;
  for (uint64_t i = kRun; i-- > 0;) put(*k, {kMiddle + i, 0}, i + 1);  // all moved by each
  for (uint64_t i = 0; i < kRun; ++i) assert_int_equal(address_of(*k, {kMiddle + i, 0}), i + 1);
  assert_int_equal(address_of(*k, {kMiddle + kRun, 0}), 0);
  Slot previous;
  for (uint64_t i = 0; i < kRun; i += 3) assert_true(k->erase({kMiddle + i, 0}, &previous));
  for (uint64_t i = 0; i < kRun; ++i) {
    assert_int_equal(address_of(*k, {kMiddle + i, 0}), i % 3 == 0 ? 0 : i + 1);
  }
}

void one_large_shard_leaves_the_others_alone(void**) {
  auto k = make_keydir();
  const uint64_t n = 100000;
  for (uint64_t i = 0; i < n; ++i) put(*k, in_shard(200, i, n), i + 1);
  for (unsigned s = 0; s < kShards; ++s) {
    if (s != 200) put(*k, in_shard(s, 1, 2), s + 1);
  }
  for (uint64_t i = 0; i < n; ++i) assert_int_equal(address_of(*k, in_shard(200, i, n)), i + 1);
  for (unsigned s = 0; s < kShards; ++s) {
    if (s != 200) assert_int_equal(address_of(*k, in_shard(s, 1, 2)), s + 1);
  }
  uint64_t visits = 0;
  k->for_each([&](const Slot&) { return ++visits > 0; });
  assert_int_equal(visits, n + kShards - 1);
}

void a_block_goes_back_when_its_last_shard_leaves(void**) {
  auto k = make_keydir();
  const uint64_t n = 20000;
  for (unsigned s : {3U, 4U}) {
    for (uint64_t i = 0; i < n; ++i) put(*k, in_shard(s, i, n), i + 1);
  }
  const uint64_t both = k->memory_bytes();
  assert_in_range(both, n / kBlockCells * kHugePage, 2 * n / kBlockCells * kHugePage);
  Slot previous;
  for (uint64_t i = 100; i < n; ++i) assert_true(k->erase(in_shard(3, i, n), &previous));
  assert_int_equal(k->memory_bytes(), both);  // shard 4 is still there
  for (uint64_t i = 100; i < n; ++i) assert_true(k->erase(in_shard(4, i, n), &previous));
  assert_true(k->memory_bytes() < both / 8);
  for (unsigned s : {3U, 4U}) {
    for (uint64_t i = 0; i < n; ++i) {
      assert_int_equal(address_of(*k, in_shard(s, i, n)), i < 100 ? i + 1 : 0);
    }
    for (uint64_t i = 100; i < n; ++i) put(*k, in_shard(s, i, n), i + 5);
    for (uint64_t i = 100; i < n; ++i) assert_int_equal(address_of(*k, in_shard(s, i, n)), i + 5);
  }
}

void prefaulting_stays_one_block_ahead(void**) {
  auto k = make_keydir();
  assert_false(k->prefault_ahead());  // an empty keydir costs nothing
  put(*k, in_shard(0, 0, 1), 1);
  assert_int_equal(k->memory_bytes(), kHugePage);
  (void)k->prefault_ahead();  // an old kernel cannot
  assert_int_equal(k->memory_bytes(), 2 * kHugePage);
  assert_false(k->prefault_ahead());
  const uint64_t n = 3 * kBlockCells;
  for (uint64_t i = 1; i < n; ++i) put(*k, in_shard(0, i, n), i + 1);
  const uint64_t grown = k->memory_bytes();
  (void)k->prefault_ahead();
  assert_int_equal(k->memory_bytes(), grown + kHugePage);
  for (uint64_t i = 1; i < n; ++i) assert_int_equal(address_of(*k, in_shard(0, i, n)), i + 1);
  k->clear();
  assert_int_equal(k->memory_bytes(), 0);
}

}  // namespace
}  // namespace stave::keydir_test

int main() {
  using namespace stave::keydir_test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(units_of_all_shards_stand_apart),
      cmocka_unit_test(tables_of_every_length_around_a_border_are_whole),
      cmocka_unit_test(a_run_over_several_units_moves_as_one),
      cmocka_unit_test(one_large_shard_leaves_the_others_alone),
      cmocka_unit_test(a_block_goes_back_when_its_last_shard_leaves),
      cmocka_unit_test(prefaulting_stays_one_block_ahead),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
