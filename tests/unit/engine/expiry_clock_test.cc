// The clock of expiry under a wall clock that jumps, and the counts of what expires.

#include "engine/expiry_clock.h"

#include "engine/expiry_counts.h"
#include "support/cmocka.h"

namespace stave::test {
namespace {

constexpr uint64_t kHour = 3'600'000;
constexpr uint64_t kDay = 24 * kHour;
constexpr uint64_t kYear = 365 * kDay;
constexpr uint64_t kToday = 1'800'000'000'000;

struct TwoClocks final : Clock {
  uint64_t wall = kToday;
  uint64_t us = 5'000'000;
  void pass(uint64_t ms) {
    wall += ms;
    us += ms * 1000;
  }
  [[nodiscard]] uint64_t now_ms() const override { return wall; }
  [[nodiscard]] uint64_t now_us() const override { return us; }
  [[nodiscard]] int local_hour() const override { return 12; }
};

void ItFollowsTheWallClockForward(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  for (int i = 0; i < 10; ++i) {
    assert_int_equal(clock.now_ms(), clocks.wall);
    clocks.pass(kHour);
  }
}

void ItDoesNotGoBackWithIt(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  const uint64_t at = clock.now_ms();
  assert_true(clock.expired(at));
  clocks.wall -= 5 * kHour;
  assert_int_equal(clock.now_ms(), at);
  assert_true(clock.expired(at));
  assert_false(clock.expired(at + 1));
  clocks.pass(6 * kHour);
  assert_int_equal(clock.now_ms(), clocks.wall);
}

void ItRemembersOverARestart(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  clock.learn(kToday + 3 * kHour);
  assert_int_equal(clock.now_ms(), kToday + 3 * kHour);
  clock.learn(kToday + kHour);
  assert_int_equal(clock.now_ms(), kToday + 3 * kHour);
}

// A mark far ahead, by a clock that was once wrong, must not hide everything for ever.
void AMarkFarAheadIsCapped(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  clock.learn(kToday + 50 * kYear);
  assert_int_equal(clock.now_ms(), kToday + kDay);
  clocks.pass(kHour);
  assert_int_equal(clock.now_ms(), kToday + kDay);  // where it was: it waits for the wall clock
  clocks.pass(2 * kDay);
  assert_int_equal(clock.now_ms(), clocks.wall);
}

void ATtlIsNoShorterWhileTheWallClockIsBehind(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  (void)clock.now_ms();
  clocks.wall -= 2 * kHour;
  const uint64_t at = clock.after(kHour);
  assert_false(clock.expired(at));
  clocks.pass(kHour);
  assert_false(clock.expired(at));
  clocks.pass(2 * kHour);
  assert_true(clock.expired(at));
}

void WithoutToleranceItIsTheWallClock(void**) {
  TwoClocks clocks;
  Options o;
  o.expiry_clock_tolerance_ms = 0;
  const ExpiryClock clock(clocks, o);
  (void)clock.now_ms();
  clocks.wall -= kYear;
  assert_int_equal(clock.now_ms(), clocks.wall);
}

void MergesDoNotBelieveAJump(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  clocks.pass(kHour);
  assert_int_equal(clock.reclaim_ms(), clocks.wall);
  clocks.wall += 10 * kYear;
  assert_int_equal(clock.now_ms(), clocks.wall);
  assert_int_equal(clock.reclaim_ms(), kToday + kHour + kDay);
}

void GraceKeepsRecordsLonger(void**) {
  TwoClocks clocks;
  Options o;
  o.expiry_grace_time_ms = kHour;
  const ExpiryClock clock(clocks, o);
  assert_int_equal(clock.reclaim_ms(), kToday - kHour);
  o.expiry_grace_time_ms = UINT64_MAX;
  assert_int_equal(ExpiryClock(clocks, o).reclaim_ms(), 0);
}

void SumsEndAtTheEndOfTime(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  assert_int_equal(clock.after(UINT64_MAX), UINT64_MAX);
  clocks.wall = UINT64_MAX - 5;
  assert_int_equal(clock.now_ms(), UINT64_MAX - 5);
  assert_int_equal(clock.by_default(), 0);
}

void TheMarkIsDueOnceAnHourAndOnlyWhereRecordsExpire(void**) {
  TwoClocks clocks;
  const ExpiryClock clock(clocks, Options());
  clock.learn(kToday);
  clocks.pass(2 * kHour);
  assert_false(clock.save_due());
  assert_false(clock.expired(0));
  assert_false(clock.save_due());
  unsigned first_uses = 0;
  clock.on_first_use([&] { ++first_uses; });
  assert_int_equal(first_uses, 0);
  assert_false(clock.expired(kToday + kYear));
  clock.note_use();
  assert_int_equal(first_uses, 1);
  assert_true(clock.save_due());
  clock.note_saved(clock.now_ms());
  clocks.pass(kHour - 1);
  assert_false(clock.save_due());
  clocks.pass(1);
  assert_true(clock.save_due());
}

void CountsAreLateByAFifthAtMost(void**) {
  const uint64_t ttls[] = {1, 999, 5000, kHour, 7 * kHour, 30 * kDay, kYear};
  for (const uint64_t ttl : ttls) {
    ExpiryCounts counts;
    assert_true(counts.may_expire());  // nothing is known
    counts.set_complete();
    assert_false(counts.may_expire());
    counts.add(kToday + ttl, kToday);
    assert_true(counts.may_expire());
    assert_int_equal(counts.expired_by(kToday + ttl - 1), 0);
    assert_int_equal(counts.expired_by(kToday + ttl + ttl / 4 + 1024), 1);
  }
}

void CountsKnowWhatHadExpiredBefore(void**) {
  ExpiryCounts counts;
  assert_int_equal(counts.expired_by(UINT64_MAX), 0);
  assert_int_equal(counts.first_ms(), UINT64_MAX);
  counts.add(UINT64_MAX, kToday);
  counts.add(1, kToday);
  counts.add(kToday, kToday);
  counts.add(kToday + kHour, kToday);
  assert_int_equal(counts.first_ms(), 1);
  assert_int_equal(counts.expired_by(kToday - 1), 0);
  assert_int_equal(counts.expired_by(kToday), 2);
  assert_int_equal(counts.expired_by(kToday + 2 * kHour), 3);
  assert_int_equal(counts.expired_by(UINT64_MAX), 3);
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(ItFollowsTheWallClockForward),
      cmocka_unit_test(ItDoesNotGoBackWithIt),
      cmocka_unit_test(ItRemembersOverARestart),
      cmocka_unit_test(AMarkFarAheadIsCapped),
      cmocka_unit_test(ATtlIsNoShorterWhileTheWallClockIsBehind),
      cmocka_unit_test(WithoutToleranceItIsTheWallClock),
      cmocka_unit_test(MergesDoNotBelieveAJump),
      cmocka_unit_test(GraceKeepsRecordsLonger),
      cmocka_unit_test(SumsEndAtTheEndOfTime),
      cmocka_unit_test(TheMarkIsDueOnceAnHourAndOnlyWhereRecordsExpire),
      cmocka_unit_test(CountsAreLateByAFifthAtMost),
      cmocka_unit_test(CountsKnowWhatHadExpiredBefore),
  };
  return cmocka_run_group_tests_name("expiry_clock", tests, nullptr, nullptr);
}
