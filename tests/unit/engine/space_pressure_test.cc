// When merges may exceed their rate and puts are held up.
#include "engine/space_pressure.h"

#include "engine/rate_limiter.h"
#include "support/cmocka.h"

namespace stave::test {
namespace {

constexpr uint64_t kGiB = 1ULL << 30;
constexpr uint64_t kRate = 64ULL << 20;

class StillClock final : public Clock {
 public:
  [[nodiscard]] uint64_t now_ms() const override { return 5; }
  [[nodiscard]] uint64_t now_us() const override { return 5'000; }
  [[nodiscard]] int local_hour() const override { return 0; }
};

void WhileLittleIsDeadNothingChanges(void**) {
  SpacePressure p(200);
  p.note_merging(true);
  for (const uint64_t dead : {uint64_t{0}, kGiB, 2 * kGiB - 1}) {
    p.note(4 * kGiB + dead, 4 * kGiB);
    assert_false(p.high());
    assert_int_equal(p.merge_rate(kRate, 1), kRate);
    assert_int_equal(p.put_pause_us(), 0);
  }
}

void MergesSpeedUpTowardsTheTarget(void**) {
  constexpr uint64_t kGrown = 7'000'000;
  SpacePressure p(200);
  p.note_growth(kGrown);
  uint64_t before = kRate;
  for (const uint64_t mib : {2200, 2280, 2360, 2440}) {
    p.note(4 * kGiB + (mib << 20), 4 * kGiB);
    assert_true(p.high());
    const uint64_t rate = p.merge_rate(kRate, kGrown);
    assert_true(rate > before);
    before = rate;
  }
  p.note(4 * kGiB + (uint64_t{2900} << 20), 4 * kGiB);
  assert_int_equal(p.merge_rate(kRate, kGrown + 1'000'000), 0);
  assert_int_equal(p.merge_rate(kRate, kGrown + 10'000'000), kRate);  // nothing grows any more
}

void PutsPauseNearTheTargetWhileAMergeRuns(void**) {
  SpacePressure p(300);
  p.note(20 * kGiB, 4 * kGiB);  // twice what is allowed
  assert_int_equal(p.put_pause_us(), 0);
  p.note_merging(true);
  assert_int_equal(p.put_pause_us(), 4000);
  p.note(4 * kGiB + 64 * kGiB / 10, 4 * kGiB);  // 80 %
  assert_in_range(p.put_pause_us(), 1900, 2100);
  p.note_merging(false);
  assert_int_equal(p.put_pause_us(), 0);
}

void SmallStoresAreLeftAlone(void**) {
  SpacePressure p(200);
  p.note(kGiB / 2, 1 << 20);
  assert_false(p.high());
  p.note(2 * kGiB, 0);
  assert_true(p.high());
  p.note(5, 10);  // counted while operations went on
  assert_false(p.high());
}

void TheLimiterFollows(void**) {
  const StillClock clock;
  SpacePressure p(200);
  RateLimiter limiter(clock, 1'000'000, &p);
  assert_int_equal(limiter.charge(1'000'000), 1'005'000);
  p.note(10 * kGiB, kGiB);
  assert_int_equal(limiter.charge(1'000'000), 5'000);
  RateLimiter strict(clock, 1'000'000);
  assert_int_equal(strict.charge(1'000'000), 1'005'000);
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(WhileLittleIsDeadNothingChanges),
      cmocka_unit_test(MergesSpeedUpTowardsTheTarget),
      cmocka_unit_test(PutsPauseNearTheTargetWhileAMergeRuns),
      cmocka_unit_test(SmallStoresAreLeftAlone),
      cmocka_unit_test(TheLimiterFollows),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
