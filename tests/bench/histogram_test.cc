// The benchmark's histogram: percentiles of known values, and its promised precision.
#include "bench/histogram.h"

#include "bench/records.h"
#include "support/cmocka.h"

namespace {

using stave::bench::Histogram;
using stave::bench::Random;

void EmptyHasNoPercentiles(void**) {
  const Histogram histogram;
  assert_int_equal(histogram.count(), 0);
  assert_int_equal(histogram.percentile(0.5), 0);
  assert_int_equal(histogram.percentile(1), 0);
}

void SmallValuesAreExact(void**) {
  Histogram histogram;
  for (uint64_t value = 0; value < 64; ++value) histogram.add(value);
  assert_int_equal(histogram.percentile(0.5), 31);
  assert_int_equal(histogram.percentile(1), 63);
  assert_int_equal(histogram.percentile(0), 0);
}

void PercentilesAreAtMostASixtyFourthAbove(void**) {
  Histogram histogram;
  constexpr uint64_t kCount = 1000000;
  for (uint64_t value = 1; value <= kCount; ++value) histogram.add(value * 1000);
  for (const double share : {0.001, 0.5, 0.9, 0.99, 0.999, 0.9999}) {
    const double truth = share * kCount * 1000;
    const auto found = static_cast<double>(histogram.percentile(share));
    assert_true(found >= truth * 0.9999);
    assert_true(found <= truth * (1 + 1.0 / 64) + 1000);
  }
  assert_int_equal(histogram.percentile(1), kCount * 1000);
  assert_int_equal(histogram.max(), kCount * 1000);
}

void OneSlowValueIsTheMaximumAndNothingElse(void**) {
  Histogram histogram;
  for (int i = 0; i < 9999; ++i) histogram.add(100);
  histogram.add(5000000);
  assert_true(histogram.percentile(0.9999) < 103);
  assert_int_equal(histogram.percentile(1), 5000000);
}

void TheGreatestNumbersHaveACell(void**) {
  Histogram histogram;
  histogram.add(UINT64_MAX);
  histogram.add(UINT64_MAX / 2);
  assert_true(histogram.percentile(1) == UINT64_MAX);
  assert_true(histogram.percentile(0.5) >= UINT64_MAX / 2);
}

void MergingIsAddingAll(void**) {
  Histogram all;
  Histogram halves[2];
  Random random(1);
  for (int i = 0; i < 10000; ++i) {
    const uint64_t value = random.below(1000000);
    all.add(value);
    halves[i % 2].add(value);
  }
  halves[0].merge(halves[1]);
  assert_int_equal(halves[0].count(), all.count());
  for (const double share : {0.1, 0.5, 0.99, 1.0}) {
    assert_int_equal(halves[0].percentile(share), all.percentile(share));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(EmptyHasNoPercentiles),
      cmocka_unit_test(SmallValuesAreExact),
      cmocka_unit_test(PercentilesAreAtMostASixtyFourthAbove),
      cmocka_unit_test(OneSlowValueIsTheMaximumAndNothingElse),
      cmocka_unit_test(TheGreatestNumbersHaveACell),
      cmocka_unit_test(MergingIsAddingAll),
  };
  return cmocka_run_group_tests_name("bench histogram", tests, nullptr, nullptr);
}
