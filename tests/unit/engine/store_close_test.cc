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

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(AThrowIsTheResultOfEveryCloseAndLetsGoOfTheDirectory),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
