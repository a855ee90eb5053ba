// Calls that ask for durability and find nothing to write: their answer is durable all the same.
#include <cerrno>
#include <functional>

#include "engine/store.h"
#include "engine/updates.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {
namespace {

using Call = std::function<Status(Store&)>;

std::unique_ptr<Store> open(FaultFs& fs, Options options = {}) {
  options.background = false;
  options.load_threads = 1;
  options.io = Io::positional;
  options.merge_policy = MergePolicy::never;
  auto opened = Store::open(fs, system_clock(), "/s", options);
  assert_true(opened.ok());
  return opened.take();
}

// A durable key "gone", deleted without a sync. After `call`: no power cut brings it back.
void check(const char* what, Code answer, bool durable, const Call& call) {
  FaultFs fs;
  auto store = open(fs);
  assert_true(store->put("gone", "v", SyncWish::sync).ok());
  assert_true(store->put("new", "v", SyncWish::no_sync).ok());
  assert_true(store->remove("gone", SyncWish::no_sync).ok());
  const Status s = call(*store);
  if (answer == Code::ok ? !s.ok() : !s.is(answer)) fail_msg("%s: %s", what, s.message().c_str());
  bool back = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto after = fs.after_power_cut(seed);
    std::string value;
    back = back || open(*after)->get("gone", &value).ok();
  }
  if (back == durable) fail_msg("%s: %s", what, back ? "the key came back" : "always durable");
  assert_true(store->close().ok());
}

void ASyncedCallThatWritesNothingIsDurableToo(void**) {
  const auto all = [](SyncWish wish, bool durable) {
    check("an empty range", Code::ok, durable,
          [&](Store& store) { return store.delete_range("b", "b", wish); });
    check("an empty batch", Code::ok, durable, [&](Store& store) { return store.write({}, wish); });
    check("a batch of conditions", Code::ok, durable, [&](Store& store) {
      return store.write({}, wish, {{Condition::What::absent, "gone", {}, 0}});
    });
    check("no puts", Code::ok, durable, [&](Store& store) {
      size_t stored = 0;
      return store.put_many(
          0, [](size_t) { return stave::Entry{}; }, wish, &stored);
    });
    check("a delete", Code::not_found, durable,
          [&](Store& store) { return store.remove("gone", wish); });
    check("put if absent", Code::conflict, durable,
          [&](Store& store) { return put_if_absent(store, "new", "v", wish); });
    check("a batch that does not hold", Code::conflict, durable, [&](Store& store) {
      return store.write({}, wish, {{Condition::What::present, "gone", {}, 0}});
    });
    check("get and delete", Code::not_found, durable, [&](Store& store) {
      void* old = nullptr;
      size_t length = 0;
      return get_and_delete(store, "gone", wish, &old, &length);
    });
  };
  all(SyncWish::sync, true);
  all(SyncWish::no_sync, false);  // the disk does forget, where nobody asks
}

void ASyncedCallThatWritesNothingTellsOfAFailedSync(void**) {
  FaultFs fs;
  auto store = open(fs);
  assert_true(store->put("key", "v", SyncWish::no_sync).ok());
  fs.inject({.op = Op::sync, .nth = 1, .path_part = ".log"});
  assert_true(store->remove("another", SyncWish::no_sync).is(Code::not_found));
  assert_true(store->remove("another", SyncWish::sync).is(Code::io));
  for (const SyncWish wish : {SyncWish::sync, SyncWish::no_sync}) {
    size_t stored = 0;
    assert_true(store->write({}, wish).is(Code::poisoned));
    assert_true(store->delete_range("b", "b", wish).is(Code::poisoned));
    assert_true(store
                    ->put_many(
                        0, [](size_t) { return stave::Entry{}; }, wish, &stored)
                    .is(Code::poisoned));
    assert_true(store->remove("another", wish).is(Code::poisoned));
  }
  (void)store->close();
}

// A thin volume that is full says so when it writes back: the record stands in the log by then.
void AFailedSyncIsNoRefusal(void**) {
  for (const bool clear : {false, true}) {
    FaultFs fs;
    auto store = open(fs);
    assert_true(store->put("key", "v", SyncWish::no_sync).ok());
    fs.inject({.op = Op::sync, .error = ENOSPC, .path_part = ".log"});
    const Status s =
        clear ? store->clear(SyncWish::no_sync) : store->put("key", "new", SyncWish::sync);
    assert_true(s.is(Code::io));
    assert_int_equal(s.system_errno(), ENOSPC);
    assert_true(store->put("key", "more", SyncWish::no_sync).is(Code::poisoned));
    (void)store->close();
  }
}

// Without threads the first write that comes so late does it.
void AnIntervalNeedsNoThread(void**) {
  FaultFs fs;
  Options options;
  options.sync = SyncMode::interval;
  options.sync_interval_ms = 1;
  auto store = open(fs, options);
  StoreStatistics statistics;
  uint64_t puts = 0;
  while (statistics.durable_seq < 3) {
    assert_true(store->put("key", "v", SyncWish::store_default).ok());
    assert_true(store->statistics(&statistics).ok());
    if (++puts > 100'000'000) fail_msg("%s", "never synced");
  }
  assert_true(statistics.syncs < puts);
  assert_true(store->close().ok());
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(ASyncedCallThatWritesNothingIsDurableToo),
      cmocka_unit_test(ASyncedCallThatWritesNothingTellsOfAFailedSync),
      cmocka_unit_test(AFailedSyncIsNoRefusal),
      cmocka_unit_test(AnIntervalNeedsNoThread),
  };
  return cmocka_run_group_tests_name("engine/store_sync", tests, nullptr, nullptr);
}
