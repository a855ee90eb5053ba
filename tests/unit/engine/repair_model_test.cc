// Repair against a model: stores damaged at random, and power cuts at every step of a repair.
#include "engine/salvage.h"
#include "unit/engine/log_maker.h"
#include "unit/engine/repair_world.h"

namespace stave::test {
namespace {

const uint64_t kStores = scaled(80, 10);
constexpr uint64_t kCuts = 2;

// Also of merges that had to keep range tombstones: not every ten stores have one.
void EveryRecordThatIsWholeIsThereAfterRepair(void**) {
  uint64_t kept_ranges = 0;
  for (uint64_t i = 0; i < kStores || (kept_ranges == 0 && i < 10 * kStores); ++i) {
    const uint64_t n = seed() + i;
    std::printf("store %llu\n", static_cast<unsigned long long>(n));
    RepairWorld w(n);
    w.fill(60 + 20 * (i % 10));
    for (const Place& p : w.places) kept_ranges += p.range && p.merged ? 1 : 0;
    w.damage(1 + i % 5);
    if (i % 3 == 0) w.damage_manifest();
    w.check_repair(w.fs);
  }
  assert_true(kept_ranges > 0);
}

// Salvage shows the same, and changes nothing.
void EveryRecordThatIsWholeIsThereInSalvage(void**) {
  for (uint64_t i = 0; i < kStores; ++i) {
    const uint64_t n = seed() + 1000 + i;
    std::printf("store %llu\n", static_cast<unsigned long long>(n));
    RepairWorld w(n);
    w.fill(60 + 20 * (i % 10));
    w.damage(1 + i % 5);
    if (i % 3 == 0) w.damage_manifest();
    w.damaged = image_of(w.fs, "/s");
    Options look = w.options;
    look.read_only = true;
    assert_true(repair_store(w.fs, system_clock(), "/s", look, &w.report).ok());
    w.options.salvage = true;
    w.options.io = i % 2 == 0 ? Io::mapped : Io::positional;
    {
      auto store = w.open(w.fs);
      w.check_contents(*store);
      StoreStatistics statistics;
      assert_true(store->statistics(&statistics).ok());
      assert_int_equal(statistics.salvage_lost_regions, w.report.lost_regions);
      assert_int_equal(statistics.salvage_lost_bytes, w.report.lost_bytes);
      VerifyReport verified;
      const Status v = store->verify(&verified);
      if (!v.ok()) fail_msg("%s", v.message().c_str());
      assert_true(store->put("k", "v").is(Code::read_only));
      assert_true(store->refresh().ok());
      assert_true(store->close().ok());
    }
    assert_true(image_of(w.fs, "/s") == w.damaged);
  }
}

// The store is as it was or repaired, and the next repair ends well.
void EveryPowerCutLeavesWhatCanBeRepaired(void**) {
  const uint64_t stores = scaled(4, 2);
  for (uint64_t n = 0; n < stores; ++n) {
    bool done = false;
    for (uint64_t nth = 1; !done; ++nth) {
      RepairWorld w(100 + n);
      w.fill(60);
      w.damage(2);
      if (n % 2 == 0) w.damage_manifest();
      w.damaged = image_of(w.fs, "/s");
      const bool refused = !Store::open(*w.fs.after_kill9(), system_clock(), "/s", w.options).ok();
      w.fs.freeze_at(nth);
      RepairReport report;
      done = repair_store(w.fs, system_clock(), "/s", w.options, &report).ok() && !w.fs.frozen();
      for (uint64_t seed = 0; seed < kCuts; ++seed) {
        const auto cut = w.fs.after_power_cut(seed + nth);
        const Image now = image_of(*cut, "/s");
        const bool switched =
            now.contains("MANIFEST") != w.damaged.contains("MANIFEST") ||
            (now.contains("MANIFEST") && now.at("MANIFEST") != w.damaged.at("MANIFEST"));
        if (switched && refused) {
          auto store = w.open(*cut);
          w.check_contents(*store);
          assert_true(store->close().ok());
        }
        const Image damaged = w.damaged;
        if (switched) continue;
        for (const auto& [name, bytes] : damaged) {
          if (name.ends_with(".log")) assert_true(now.at(name) == bytes);
        }
        w.check_repair(*cut);
      }
    }
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(EveryRecordThatIsWholeIsThereAfterRepair),
      cmocka_unit_test(EveryRecordThatIsWholeIsThereInSalvage),
      cmocka_unit_test(EveryPowerCutLeavesWhatCanBeRepaired),
  };
  return cmocka_run_group_tests_name("engine/repair_model", tests, nullptr, nullptr);
}
