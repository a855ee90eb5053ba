// Closing a store when memory runs out in the middle.
#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {
namespace {

Options quiet() {
  Options o;
  o.background = false;
  o.load_threads = 1;
  o.io = Io::positional;
  return o;
}

// The second close used to say ok, and the directory stayed locked.
void AThrowIsTheResultOfEveryCloseAndLetsGoOfTheDirectory(void**) {
  FaultFs fs;
  auto store = Store::open(fs, system_clock(), "/s", quiet());
  assert_true(store.ok());
  assert_true((*store)->put("k", "v").ok());
  fs.inject({.path_part = "MANIFEST", .throws = true});
  assert_true((*store)->close().is(Code::no_memory));
  assert_true((*store)->close().is(Code::no_memory));
  assert_true((*store)->put("k", "w").is(Code::closed));
  auto again = Store::open(fs, system_clock(), "/s", quiet());
  assert_true(again.ok());
  std::string value;
  assert_true((*again)->get("k", &value).ok());
  assert_string_equal(value.c_str(), "v");
  assert_true((*again)->close().ok());
}

constexpr const char* kCheckpoint = "/s/KEYDIR";

bool exists(FaultFs& fs, const char* path) {
  auto there = fs.exists(path);
  assert_true(there.ok());
  return *there;
}

void expect(Store& store, const char* key, const char* wanted) {
  std::string value;
  const Status s = store.get(key, &value);
  if (wanted == nullptr) return assert_true(s.is(Code::not_found));
  assert_true(s.ok());
  assert_string_equal(value.c_str(), wanted);
}

// After a kill all hints are read. Without a KEYDIR at the next close the open after that would
// be slow again, and the one after that.
void ACloseWithoutPutsSparesTheNextOpenWhatThisOneLoaded(void**) {
  FaultFs first;
  Options o = quiet();
  o.checkpoint_min_ops = 3;
  auto killed = Store::open(first, system_clock(), "/s", o);
  assert_true(killed.ok());
  for (const char* key : {"a", "b", "c", "d"}) assert_true((*killed)->put(key, "1").ok());
  assert_true((*killed)->put("a", "2").ok());
  assert_true((*killed)->remove("b").ok());
  const auto fs = first.after_kill9();

  auto loading = Store::open(*fs, system_clock(), "/s", o);
  assert_true(loading.ok());
  assert_false(exists(*fs, kCheckpoint));
  assert_true((*loading)->close().ok());
  assert_true(exists(*fs, kCheckpoint));

  // No hint is read any more: nobody finds that this one is damaged.
  assert_true(fs->flip_bit("/s/0000000001.hint", 1, 0));
  std::string log;
  o.log_callback = [&log](int, const std::string& message) { log += message + "\n"; };
  auto spared = Store::open(*fs, system_clock(), "/s", o);
  assert_true(spared.ok());
  assert_string_equal(log.c_str(), "");
  expect(**spared, "a", "2");
  expect(**spared, "b", nullptr);
  expect(**spared, "d", "1");
  assert_true((*spared)->put("e", "1").ok());

  // What was put since is replayed on top of it.
  const auto again = fs->after_kill9();
  auto replayed = Store::open(*again, system_clock(), "/s", o);
  assert_true(replayed.ok());
  expect(**replayed, "a", "2");
  expect(**replayed, "b", nullptr);
  expect(**replayed, "e", "1");
  assert_true((*replayed)->close().ok());
}

void ACloseAfterAShortLoadingWritesNoCheckpoint(void**) {
  FaultFs fs;
  Options o = quiet();
  o.checkpoint_min_ops = 3;
  for (int i = 0; i < 2; ++i) {
    auto store = Store::open(fs, system_clock(), "/s", o);
    assert_true(store.ok());
    if (i == 0) assert_true((*store)->put("a", "1").ok());
    assert_true((*store)->close().ok());
    assert_false(exists(fs, kCheckpoint));
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(AThrowIsTheResultOfEveryCloseAndLetsGoOfTheDirectory),
      cmocka_unit_test(ACloseWithoutPutsSparesTheNextOpenWhatThisOneLoaded),
      cmocka_unit_test(ACloseAfterAShortLoadingWritesNoCheckpoint),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
