// Expiry in a store whose wall clock is set back and forth, closed and killed meanwhile.
#include <chrono>
#include <thread>

#include "engine/catalog.h"
#include "engine/store.h"
#include "engine/updates.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {
namespace {

constexpr uint64_t kHour = 3'600'000;
constexpr uint64_t kDay = 24 * kHour;
constexpr const char* kDir = "/s";

struct TwoClocks final : Clock {
  std::atomic<uint64_t> wall{1'800'000'000'000};
  std::atomic<uint64_t> us{5'000'000};
  void pass(uint64_t ms) {
    wall += ms;
    us += ms * 1000;
  }
  [[nodiscard]] uint64_t now_ms() const override { return wall; }
  [[nodiscard]] uint64_t now_us() const override { return us; }
  [[nodiscard]] int local_hour() const override { return 12; }
};

struct World {
  TwoClocks clocks;
  std::unique_ptr<FaultFs> fs = std::make_unique<FaultFs>();
  std::unique_ptr<Store> store;
  Options options;

  World() {
    options.background = false;
    options.load_threads = 1;
    options.io = Io::positional;
    open();
  }
  void open() {
    auto opened = Store::open(*fs, clocks, kDir, options);
    assert_true(opened.ok());
    store = opened.take();
  }
  // As the disk has it.
  [[nodiscard]] uint64_t mark() const {
    Env env(*fs, clocks, kDir, options);
    return load_manifest(env).take().clock_high_ms;
  }
  // A thread saves it.
  void wait_for_mark(uint64_t ms) const {
    for (int i = 0; i < 30'000 && mark() < ms; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    assert_true(mark() >= ms);
  }
  void close() {
    assert_true(store->close().ok());
    store.reset();
  }
  void kill() {
    auto after = fs->after_kill9();
    fs->freeze();
    store.reset();
    fs = std::move(after);
    open();
  }
  void put_ttl(const char* key, uint64_t ttl_ms) const {
    assert_true(
        store->put_until(key, "v", store->expiry().after(ttl_ms), SyncWish::store_default).ok());
  }
  bool there(const char* key) const {
    std::string value;
    const Status s = store->get(key, &value);
    assert_true(s.ok() || s.is(Code::not_found));
    return s.ok();
  }
};

void WhatExpiredStaysHiddenWhenTheClockIsSetBackOverAReopening(void**) {
  World w;
  w.put_ttl("k", kHour);
  w.clocks.pass(2 * kHour);
  assert_false(w.there("k"));
  w.close();
  w.clocks.wall -= 3 * kHour / 2;
  w.open();
  assert_false(w.there("k"));
  // A store that was opened for reading goes by the same mark.
  w.options.read_only = true;
  auto reader = Store::open(*w.fs, w.clocks, kDir, w.options);
  assert_true(reader.ok());
  std::string value;
  assert_true((*reader)->get("k", &value).is(Code::not_found));
}

// Without a put there is no session, and MANIFEST has no other cause to be written.
void AStoreThatWasOnlyReadKeepsTheTimeToo(void**) {
  World w;
  w.put_ttl("k", kHour);
  w.close();
  w.open();
  w.clocks.pass(3 * kHour);
  assert_false(w.there("k"));
  w.close();
  w.clocks.wall -= 5 * kHour / 2;
  w.open();
  assert_false(w.there("k"));
}

void AKilledStoreKnowsTheTimeOfAnHourAgo(void**) {
  World w;
  w.put_ttl("k", kHour);
  w.clocks.pass(2 * kHour);
  assert_true(w.store->put("other", "v").ok());  // housekeeping writes the mark
  w.kill();
  w.clocks.wall -= kHour / 2;
  assert_false(w.there("k"));
}

// No put wakes anybody, and no session was begun.
void AReadIsEnoughForAKilledStoreToKnowTheTime(void**) {
  World w;
  w.options.background = true;
  w.options.merge_policy = MergePolicy::never;
  w.put_ttl("k", 72 * kHour);
  w.close();
  for (const bool iterated : {false, true}) {
    w.open();
    w.clocks.pass(2 * kDay);
    const uint64_t before = w.mark();
    if (iterated) {
      auto it = w.store->iterate("");
      assert_true(it.ok());
      assert_true((*it)->next().is(Code::done));
    } else {
      assert_true(w.there("k"));
    }
    w.wait_for_mark(before + 2 * kDay);
    w.kill();
    w.clocks.wall -= kHour / 2;
    assert_int_equal(w.there("k"), !iterated);
    w.clocks.wall += kHour / 2;
    w.close();
  }
}

// The writer's threads run already when the first record that expires is read.
void AReadIsEnoughWithinASessionToo(void**) {
  World w;
  w.options.background = true;
  w.options.merge_policy = MergePolicy::never;
  w.put_ttl("k", kHour);
  w.close();
  w.open();
  assert_true(w.store->put("other", "v").ok());
  w.clocks.pass(2 * kDay);
  const uint64_t before = w.mark();
  assert_false(w.there("k"));
  w.wait_for_mark(before + 2 * kDay);
  w.kill();
  w.clocks.wall -= kHour;
  assert_false(w.there("k"));
}

// Opening, reading what never expires and closing leave MANIFEST as it is.
void WhoMeetsNothingThatExpiresWritesNothing(void**) {
  World w;
  w.options.background = true;
  w.options.merge_policy = MergePolicy::never;
  assert_true(w.store->put("k", "v").ok());
  w.close();
  const uint64_t mark = w.mark();
  w.clocks.pass(2 * kDay);
  w.open();
  assert_true(w.there("k"));
  w.close();
  assert_int_equal(w.mark(), mark);
}

void AJumpAheadHidesButDestroysNothing(void**) {
  World w;
  w.put_ttl("k", 30 * kDay);
  w.put_ttl("short", kHour);
  assert_true(w.store->put("x", "1").ok());
  assert_true(w.store->put("x", "2").ok());
  w.clocks.wall += 3650 * kDay;
  assert_false(w.there("k"));
  assert_true(w.store->merge(false).ok());
  w.clocks.wall -= 3650 * kDay;
  assert_true(w.there("k"));
  assert_false(w.there("short"));  // within the tolerance of a day
  assert_true(w.there("x"));
  w.close();
  w.open();
  assert_true(w.there("k"));
}

void WhatHasReallyExpiredIsReclaimed(void**) {
  World w;
  w.put_ttl("k", 30 * kDay);
  w.clocks.pass(31 * kDay);
  assert_true(w.store->merge(false).ok());
  StoreStatistics statistics;
  assert_true(w.store->statistics(&statistics).ok());
  assert_int_equal(statistics.keys, 0);
}

void ADeleteOfAnExpiredKeyIsForGood(void**) {
  World w;
  w.put_ttl("k", 30 * kDay);
  w.put_ttl("l", 30 * kDay);
  w.clocks.wall += 60 * kDay;
  assert_true(w.store->remove("k").is(Code::not_found));
  w.clocks.wall -= 60 * kDay;  // much further than is tolerated
  assert_false(w.there("k"));
  assert_true(w.there("l"));
}

void ATouchKeepsTheKeyOverItsFirstTime(void**) {
  World w;
  w.put_ttl("k", kHour);
  w.clocks.pass(kHour / 2);
  assert_true(touch(*w.store, "k", kHour, SyncWish::store_default).ok());
  w.clocks.pass(kHour - 1);
  assert_true(w.there("k"));
  w.clocks.pass(1);
  assert_false(w.there("k"));
  assert_true(touch(*w.store, "k", kHour, SyncWish::store_default).is(Code::not_found));
}

void AnIteratorSeesWhatWasThereWhenItWasMade(void**) {
  World w;
  w.put_ttl("a", kHour);
  w.put_ttl("b", kHour);
  auto it = w.store->iterate("");
  assert_true(it.ok());
  assert_true((*it)->next().ok());
  w.clocks.pass(kHour);
  assert_true((*it)->next().ok());
  auto later = w.store->iterate("");
  assert_true(later.ok());
  assert_true((*later)->next().is(Code::done));
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(WhatExpiredStaysHiddenWhenTheClockIsSetBackOverAReopening),
      cmocka_unit_test(AStoreThatWasOnlyReadKeepsTheTimeToo),
      cmocka_unit_test(AKilledStoreKnowsTheTimeOfAnHourAgo),
      cmocka_unit_test(AReadIsEnoughForAKilledStoreToKnowTheTime),
      cmocka_unit_test(AReadIsEnoughWithinASessionToo),
      cmocka_unit_test(WhoMeetsNothingThatExpiresWritesNothing),
      cmocka_unit_test(AJumpAheadHidesButDestroysNothing),
      cmocka_unit_test(WhatHasReallyExpiredIsReclaimed),
      cmocka_unit_test(ADeleteOfAnExpiredKeyIsForGood),
      cmocka_unit_test(ATouchKeepsTheKeyOverItsFirstTime),
      cmocka_unit_test(AnIteratorSeesWhatWasThereWhenItWasMade),
  };
  return cmocka_run_group_tests_name("store_expiry", tests, nullptr, nullptr);
}
