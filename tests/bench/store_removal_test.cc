// Removing the stores: all goes, nothing that is linked to, and a long removal says so.
#include "bench/store_removal.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/cmocka.h"

namespace {

namespace fs = std::filesystem;
using stave::bench::remove_stores;
using stave::bench::say_removing;

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(fs::temp_directory_path() / "stave-removal.XXXXXX") {
    std::string name = path_.string();
    assert_non_null(mkdtemp(name.data()));
    path_ = name;
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

void make_file(const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "something";
}

void make_stores(const fs::path& top) {
  for (const char* name : {"a/main/00/1", "a/main/00/2", "a/main/ff/3", "b/log", "c/d/e/f/g/h"}) {
    make_file(top / name);
  }
  fs::create_directories(top / "empty");
}

// Runs `work` and returns what it wrote to standard error.
template <typename Work>
std::string standard_error_of(const fs::path& file, Work work) {
  const int before = dup(STDERR_FILENO);
  assert_non_null(std::freopen(file.c_str(), "w", stderr));
  work();
  std::fflush(stderr);
  dup2(before, STDERR_FILENO);
  close(before);
  std::ifstream text(file);
  return {std::istreambuf_iterator<char>(text), {}};
}

bool never_says() {
  fail_msg("a removal of some files took hours");
  return true;
}

void EverythingGoes(void**) {
  const TemporaryDirectory tmp;
  make_stores(tmp / "stores");
  remove_stores(tmp / "stores", never_says, std::chrono::hours(1));
  assert_false(fs::exists(tmp / "stores"));
  remove_stores(tmp / "stores", never_says, std::chrono::hours(1));  // nothing there: no harm
}

void WhatIsOnlyLinkedToStays(void**) {
  const TemporaryDirectory tmp;
  make_file(tmp / "precious" / "file");
  make_stores(tmp / "stores");
  fs::create_directory_symlink(tmp / "precious", tmp / "stores" / "link");
  remove_stores(tmp / "stores", never_says, std::chrono::hours(1));
  assert_false(fs::exists(tmp / "stores"));
  assert_true(fs::exists(tmp / "precious" / "file"));
}

void ALongRemovalSaysSoOnce(void**) {
  const TemporaryDirectory tmp;
  make_stores(tmp / "stores");
  int said = 0;
  auto say = [&said] { return ++said > 0; };
  remove_stores(tmp / "stores", say, std::chrono::milliseconds(0));
  assert_int_equal(said, 1);
  assert_false(fs::exists(tmp / "stores"));
}

void WhatIsSaidStandsOnStandardError(void**) {
  const TemporaryDirectory tmp;
  const std::string text =
      standard_error_of(tmp / "text", [] { assert_true(say_removing("test")); });
  assert_string_equal(text.c_str(), "test: removing the stores...\n");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(EverythingGoes),
      cmocka_unit_test(WhatIsOnlyLinkedToStays),
      cmocka_unit_test(ALongRemovalSaysSoOnce),
      cmocka_unit_test(WhatIsSaidStandsOnStandardError),
  };
  return cmocka_run_group_tests_name("bench store removal", tests, nullptr, nullptr);
}
