// What a batch's conditions cost where their records stand in sealed files.
#include <cstring>

#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {
namespace {

constexpr size_t kKeys = 300;

struct World {
  FaultFs fs;
  std::unique_ptr<Store> store;
  std::vector<std::string> keys;
  std::vector<Condition> conditions;  // that each is there

  World() {
    Options options;
    options.background = false;
    options.load_threads = 1;
    options.io = Io::positional;
    options.merge_policy = MergePolicy::never;
    auto opened = Store::open(fs, system_clock(), "/s", options);
    assert_true(opened.ok());
    store = opened.take();
    for (size_t i = 0; i < kKeys; ++i) keys.push_back("key" + std::to_string(i));
    for (const std::string& key : keys) {
      assert_true(store->put(key, "v").ok());
      conditions.push_back({Condition::What::present, key, {}, 0});
    }
    assert_true(store->merge(false).ok());  // now all are in a sealed file
  }
  ~World() { assert_true(store->close().ok()); }
  [[nodiscard]] Status put(const char* value) const {
    return store->write({{Kind::put, "of the batch", value, 0}}, SyncWish::store_default,
                        conditions);
  }
  [[nodiscard]] std::string batched() const {
    std::string value;
    const Status s = store->get("of the batch", &value);
    return s.ok() ? value : s.is(Code::not_found) ? "nothing" : s.message();
  }
};

// Once for each to fetch it, once to look at it; a record may stand on two pages.
void EachRecordIsReadAFewTimes(void**) {
  const World w;
  const uint64_t before = w.fs.count(Op::read);
  assert_true(w.put("1").ok());
  assert_string_equal(w.batched().c_str(), "1");
  const uint64_t reads = w.fs.count(Op::read) - before;
  assert_true(reads >= kKeys);
  assert_true(reads <= 5 * kKeys);
}

void TheLastOfManyDecides(void**) {
  World w;
  w.conditions.back().what = Condition::What::absent;
  const Status s = w.put("1");
  assert_true(s.is(Code::conflict));
  assert_non_null(std::strstr(s.message().c_str(), w.keys.back().c_str()));
  assert_string_equal(w.batched().c_str(), "nothing");
}

// Warm ones between cold ones, and keys that were never there.
void RecordsOfAllKindsAreLookedAt(void**) {
  World w;
  for (size_t i = 0; i < kKeys; i += 3) assert_true(w.store->put(w.keys[i], "warm").ok());
  for (size_t i = 0; i < kKeys; i += 3) {
    w.conditions[i] = {Condition::What::value, w.keys[i], "warm", 0};
  }
  w.conditions.push_back({Condition::What::absent, "never", {}, 0});
  w.conditions.push_back({Condition::What::value, w.keys[1], "v", 0});
  assert_true(w.put("1").ok());
  assert_true(w.store->remove(w.keys[1]).ok());
  assert_true(w.put("2").is(Code::conflict));
  assert_string_equal(w.batched().c_str(), "1");
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(EachRecordIsReadAFewTimes),
      cmocka_unit_test(TheLastOfManyDecides),
      cmocka_unit_test(RecordsOfAllKindsAreLookedAt),
  };
  return cmocka_run_group_tests_name("store_batch", tests, nullptr, nullptr);
}
