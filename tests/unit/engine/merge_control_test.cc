// The reins: rate cap, pause, resume, cancel.
#include "engine/merge_control.h"

#include <chrono>
#include <thread>

#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

void RateIsKeptAndUnusedTimeForfeited(void**) {
  HookClock clock;
  RateLimiter limiter(clock, 1000);
  const uint64_t start = clock.now_us();
  assert_int_equal(limiter.charge(500), start + 500'000);
  assert_int_equal(limiter.charge(500), start + 1'000'000);
  clock.ms += 10'000;  // nobody moves anything for ten seconds
  assert_int_equal(limiter.charge(2000), start + 12'000'000);
  RateLimiter large(clock, 3);
  assert_int_equal(large.charge(7ULL << 40) - clock.now_us(),
                   (7ULL << 40) / 3 * 1'000'000 + 333'333);
  RateLimiter none(clock, 0);
  assert_false(none.limits());
  assert_int_equal(none.charge(1ULL << 60), clock.now_us());
}

void ASleepingStepEndsWhenTheClockSaysSo(void**) {
  class MovingClock final : public Clock {
   public:
    mutable std::atomic<uint64_t> us{1};
    [[nodiscard]] uint64_t now_ms() const override { return us / 1000; }
    [[nodiscard]] uint64_t now_us() const override { return us += 40'000; }
    [[nodiscard]] int local_hour() const override { return 0; }
  } clock;
  MergeControl control(clock);
  RateLimiter limiter(clock, 1'000'000);
  assert_true(control.step(limiter, 100'000).ok());
  assert_true(clock.us >= 100'000);
}

void CancelEndsASleepAndAllLaterSteps(void**) {
  HookClock clock;  // stands still: the sleep would never end
  MergeControl control(clock);
  RateLimiter limiter(clock, 1);
  std::thread canceller([&] { control.cancel(); });
  assert_true(control.step(limiter, 1'000'000).is(Code::cancelled));
  canceller.join();
  RateLimiter none(clock, 0);
  assert_true(control.step(none, 0).is(Code::cancelled));
}

void CancelEndsAPause(void**) {
  HookClock clock;
  MergeControl control(clock);
  RateLimiter none(clock, 0);
  control.pause();
  control.pause();
  std::thread canceller([&] { control.cancel(); });
  assert_true(control.step(none, 1).is(Code::cancelled));
  canceller.join();
}

void OneResumeEndsAnyNumberOfPauses(void**) {
  HookClock clock;
  MergeControl control(clock);
  RateLimiter none(clock, 0);
  control.pause();
  control.pause();
  assert_true(control.paused());
  std::thread resumer([&] { control.resume(); });
  assert_true(control.step(none, 1).ok());
  resumer.join();
  assert_false(control.paused());
}

void fill(MergeWorld& w) {
  for (uint64_t i = 0; i < 200; ++i) w.put(named("k", i), std::string(100, 'v'));
  w.rotate();
  for (uint64_t i = 0; i < 150; ++i) w.put(named("k", i), "w");
  w.rotate();
}

void ACancelledMergeLeavesNothingBehind(void**) {
  MergeWorld w;
  fill(w);
  const SegmentList before = w.files();
  // In the middle: the planner has begun, the copy asks for the time.
  w.clock.interrupt = [&] { w.merger->cancel(); };
  assert_true(w.merger->run_all(false).is(Code::cancelled));
  w.clock.interrupt = nullptr;
  assert_true(w.files() == before);
  assert_true(w.leftovers().empty());
  assert_int_equal(w.merger->statistics().failed, 0);
  assert_true(w.merger->run_if_due().is(Code::cancelled));
  w.check();
  w.check_counts();
}

void APauseHoldsBackgroundMergesButNoManualOne(void**) {
  MergeWorld w;
  fill(w);
  w.merger->pause();
  assert_true(w.merger->statistics().paused);
  assert_true(w.merger->run_if_due().ok());
  assert_int_equal(w.merger->statistics().merges, 0);
  assert_true(w.merger->run_all(false).ok());
  assert_true(w.merger->statistics().merges > 0);
  assert_true(w.merger->statistics().paused);
  w.check();
}

Options merging_soon() {
  Options o;
  o.merge_trigger_fragmentation = 1;
  o.merge_threshold_fragmentation = 1;
  return o;
}

// The first step of a background merge finds it paused.
std::thread paused_in_its_middle(MergeWorld& w, Status* result) {
  auto began = std::make_shared<std::atomic<bool>>(false);
  w.clock.interrupt = [&w, began] {
    if (!began->exchange(true)) w.merger->pause();
  };
  std::thread background([&w, result] { *result = w.merger->run_if_due(); });
  for (int i = 0; !*began && i < 10'000; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  assert_true(*began);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return background;
}

void APauseHoldsARunningBackgroundMerge(void**) {
  MergeWorld w(merging_soon());
  fill(w);
  Status result;
  std::thread background = paused_in_its_middle(w, &result);
  assert_int_equal(w.merger->statistics().merges, 0);
  w.merger->resume();
  background.join();
  assert_true(result.ok());
  assert_true(w.merger->statistics().merges > 0);
  w.check();
}

void APausedBackgroundMergeGivesWayToAManualOne(void**) {
  MergeWorld w(merging_soon());
  fill(w);
  Status result;
  std::thread background = paused_in_its_middle(w, &result);
  assert_true(w.merger->run_all(false).ok());
  background.join();
  assert_true(result.is(Code::cancelled));
  assert_true(w.merger->statistics().merges > 0);
  assert_int_equal(w.merger->statistics().failed, 0);
  assert_true(w.leftovers().empty());
  w.check();
}

void StatisticsCountBytesAndProgress(void**) {
  MergeWorld w;
  fill(w);
  MergeStatistics during;
  w.before_durable = [&] { during = w.merger->statistics(); };
  assert_true(w.merger->run_all(false).ok());
  assert_true(during.running);
  assert_true(during.progress_total > 0);
  assert_int_equal(during.progress_done, during.progress_total);
  const MergeStatistics after = w.merger->statistics();
  assert_false(after.running);
  assert_int_equal(after.progress_total, 0);
  uint64_t copied = 0;
  for (uint64_t i = 0; i < 200; ++i) copied += record_size(9, i < 150 ? 1 : 100, false);
  // Reads may take small gaps along.
  assert_int_equal(after.bytes_written, copied);
  assert_true(after.bytes_read >= copied);
  assert_int_equal(after.last_ms, w.clock.ms);
}

void ACappedMergeTakesItsTime(void**) {
  Options o;
  o.merge_rate = 1 << 20;
  MergeWorld w(o);
  for (uint64_t i = 0; i < 500; ++i) w.put(named("k", i), std::string(1000, 'v'));
  w.rotate();
  w.put(named("k", 0), "w");
  w.rotate();
  // The clock runs as fast as the control looks at it.
  std::atomic<bool> done{false};
  const uint64_t start = w.clock.ms;
  std::thread merging([&] {
    assert_true(w.merger->run_all(true).ok());
    done = true;
  });
  while (!done) {
    w.clock.ms += 10;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  merging.join();
  // About half a MiB read and half a MiB written.
  assert_true(w.clock.ms - start >= 900);
  w.check();
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(RateIsKeptAndUnusedTimeForfeited),
      cmocka_unit_test(ASleepingStepEndsWhenTheClockSaysSo),
      cmocka_unit_test(CancelEndsASleepAndAllLaterSteps),
      cmocka_unit_test(CancelEndsAPause),
      cmocka_unit_test(OneResumeEndsAnyNumberOfPauses),
      cmocka_unit_test(ACancelledMergeLeavesNothingBehind),
      cmocka_unit_test(APauseHoldsBackgroundMergesButNoManualOne),
      cmocka_unit_test(APauseHoldsARunningBackgroundMerge),
      cmocka_unit_test(APausedBackgroundMergeGivesWayToAManualOne),
      cmocka_unit_test(StatisticsCountBytesAndProgress),
      cmocka_unit_test(ACappedMergeTakesItsTime),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
