// What the workloads are made of: Zipf's law, walks that visit all, keys and values that can be
// checked.
#include "bench/records.h"

#include <cmath>
#include <set>

#include "bench/loops.h"
#include "bench/zipfian.h"
#include "support/cmocka.h"

namespace {

using namespace stave::bench;

void ZipfianFollowsItsLaw(void**) {
  constexpr uint64_t kRecords = 1000;
  constexpr int kDraws = 2000000;
  const Zipfian zipfian(kRecords);
  Random random(7);
  std::vector<int> seen(kRecords);
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t rank = zipfian.next(random);
    assert_true(rank < kRecords);
    ++seen[rank];
  }
  double zeta = 0;
  for (uint64_t i = 1; i <= kRecords; ++i) zeta += std::pow(i, -kZipfianTheta);
  // The first two ranks are exact in this method.
  for (uint64_t rank = 0; rank < 2; ++rank) {
    const double wanted = kDraws * std::pow(rank + 1, -kZipfianTheta) / zeta;
    assert_true(std::abs(seen[rank] - wanted) < 6 * std::sqrt(wanted));
  }
  // The rest is an approximation by a continuous law, a few per cent off at the head: a wrong
  // theta would be much further away (0.9: 20 %).
  for (const uint64_t head : {10UL, 100UL, 500UL}) {
    double wanted = 0;
    int found = 0;
    for (uint64_t rank = 0; rank < head; ++rank) {
      wanted += kDraws * std::pow(rank + 1, -kZipfianTheta) / zeta;
      found += seen[rank];
    }
    assert_true(std::abs(found - wanted) < 0.08 * wanted);
  }
}

void ZipfianOfOneAndTwo(void**) {
  Random random(1);
  const Zipfian one(1);
  const Zipfian two(2);
  for (int i = 0; i < 1000; ++i) {
    assert_int_equal(one.next(random), 0);
    assert_true(two.next(random) < 2);
  }
}

void PicksAreInRangeAndLatestOnesAreNew(void**) {
  uint64_t recent = 0;
  for (const uint32_t pick : zipfian_picks(1000, 10000, 3, true)) {
    assert_true(pick < 1000);
    recent += pick >= 900 ? 1 : 0;
  }
  assert_true(recent > 5000);  // the hottest tenth draws about 68 %
  recent = 0;
  for (const uint32_t pick : zipfian_picks(1000, 10000, 3, false)) {
    assert_true(pick < 1000);
    recent += pick >= 900 ? 1 : 0;
  }
  assert_true(recent < 4000);  // scattered
}

void StrideVisitsAllOnce(void**) {
  for (const uint64_t count : {1UL, 2UL, 3UL, 10UL, 1000UL, 65536UL, 99991UL}) {
    Stride stride(count);
    std::vector<bool> seen(count);
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t at = stride.next();
      assert_true(at < count);
      assert_false(seen[at]);
      seen[at] = true;
    }
  }
}

void KeysDiffer(void**) {
  for (const size_t size : {8UL, 15UL, 16UL, 100UL}) {
    KeyMaker keys(size, 5);
    std::set<std::string> seen;
    for (uint64_t i = 0; i < 10000; ++i) seen.emplace(keys(i));
    for (uint64_t i = 0; i < 10000; ++i) seen.emplace(keys(kMissingFrom + i));
    assert_int_equal(seen.size(), 20000);
    assert_int_equal(seen.begin()->size(), size);
  }
  KeyMaker sorted(16, 5, KeyOrder::sorted);
  std::string last;
  for (uint64_t i = 0; i < 1000; ++i) {
    const std::string key(sorted(i));
    assert_true(last < key);
    last = key;
  }
}

void KeysTellTheirRecords(void**) {
  for (const KeyOrder order : {KeyOrder::mixed, KeyOrder::sorted}) {
    for (const size_t size : {8UL, 15UL, 16UL, 100UL}) {
      KeyMaker keys(size, 5, order);
      for (const uint64_t record : {0UL, 1UL, 12345UL, kMissingFrom, ~0UL}) {
        std::string key(keys(record));
        uint64_t found = 1;
        assert_true(keys.record_of(key, &found));
        assert_true(found == record);
        assert_false(keys.record_of(key + "k", &found));
        key.back() = static_cast<char>(key.back() ^ 1);
        assert_true(!keys.record_of(key, &found) || found != record);
      }
    }
  }
}

void ValuesAreTold(void**) {
  for (const size_t size : {16UL, 100UL, 4096UL}) {
    ValueMaker values(size, 9);
    std::string value(values(42, 3));
    assert_true(value_is_right(value, size, 42, 3, 3));
    assert_true(value_is_right(value, size, 42, 0, 9));
    assert_false(value_is_right(value, size, 41, 0, 255));    // another record's
    assert_false(value_is_right(value, size, 42, 4, 9));      // too old
    assert_false(value_is_right(value, size, 42, 0, 2));      // from the future
    assert_false(value_is_right(value, size + 1, 42, 3, 3));  // too short
    std::string changed = value;
    changed[1] = static_cast<char>(changed[1] ^ 1);
    assert_false(value_is_right(changed, size, 42, 3, 3));
    changed = value;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    assert_false(value_is_right(changed, size, 42, 3, 3));
    assert_string_not_equal(what_is_wrong(changed, size, 42, 3, 3).c_str(), "");
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(ZipfianFollowsItsLaw),
      cmocka_unit_test(ZipfianOfOneAndTwo),
      cmocka_unit_test(PicksAreInRangeAndLatestOnesAreNew),
      cmocka_unit_test(StrideVisitsAllOnce),
      cmocka_unit_test(KeysDiffer),
      cmocka_unit_test(KeysTellTheirRecords),
      cmocka_unit_test(ValuesAreTold),
  };
  return cmocka_run_group_tests_name("bench records", tests, nullptr, nullptr);
}
