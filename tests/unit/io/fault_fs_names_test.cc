// The crash model of FaultFs for names: rule M3 of support/fault_fs.h.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/fault_fs.h"
#include "unit/io/io_util.h"

namespace stave::test {
namespace {

constexpr uint64_t kSeeds = 200;

std::string names_in(Fs& fs, const std::string& dir) {
  auto names = value_of(fs.list(dir));
  std::sort(names.begin(), names.end());
  std::string joined;
  for (const std::string& name : names) joined += name + " ";
  return joined;
}

// The listings of "." that power cuts leave.
std::set<std::string> futures(const FaultFs& fs, const std::string& dir = ".") {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    seen.insert(names_in(*fs.after_power_cut(seed), dir));
  }
  return seen;
}

using Set = std::set<std::string>;

void syncing_a_file_does_not_save_its_name(void**) {
  FaultFs fs;
  expect_ok(make_file(fs, "a", "data")->sync());
  assert_true((futures(fs) == Set{"", "a "}));
  expect_ok(fs.sync_dir("."));
  assert_true((futures(fs) == Set{"a "}));
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    assert_string_equal(contents(*fs.after_power_cut(seed), "a").c_str(), "data");
  }
}

void changes_survive_in_order(void**) {
  FaultFs fs;
  make_file(fs, "a");
  make_file(fs, "b");
  expect_ok(fs.unlink("a"));
  make_file(fs, "c");
  assert_true((futures(fs) == Set{"", "a ", "a b ", "b ", "b c "}));
}

void replacing_rename_leaves_the_old_or_the_new(void**) {
  FaultFs fs;
  expect_ok(make_file(fs, "a", "old")->sync());
  expect_ok(fs.sync_dir("."));
  expect_ok(make_file(fs, "a.new", "new")->sync());
  expect_ok(fs.rename("a.new", "a"));
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    seen.insert(contents(*fs.after_power_cut(seed), "a"));
  }
  assert_true((seen == Set{"old", "new"}));
  expect_ok(fs.sync_dir("."));
  assert_true((futures(fs) == Set{"a "}));
  assert_string_equal(contents(*fs.after_power_cut(0), "a").c_str(), "new");
}

void rename_between_directories_is_whole(void**) {
  FaultFs fs;
  expect_ok(fs.make_dir("q"));
  make_file(fs, "a");
  expect_ok(fs.sync_dir("."));
  expect_ok(fs.rename("a", "q/a"));
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto after = fs.after_power_cut(seed);
    seen.insert(names_in(*after, ".") + "| " + names_in(*after, "q"));
  }
  assert_true((seen == Set{"a q | ", "q | a "}));
  expect_ok(fs.sync_dir("q"));  // either directory makes it durable in both
  assert_true((futures(fs) == Set{"q "}));
  assert_true((futures(fs, "q") == Set{"a "}));
}

// Whatever happens to one of its directories, a rename takes the order of both along.
void rename_between_directories_keeps_both_in_order(void**) {
  FaultFs fs;
  expect_ok(fs.make_dir("q"));
  make_file(fs, "a");
  expect_ok(fs.sync_dir("."));
  make_file(fs, "q/x");
  expect_ok(fs.rename("a", "q/a"));
  make_file(fs, "b");
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto after = fs.after_power_cut(seed);
    seen.insert(names_in(*after, ".") + "| " + names_in(*after, "q"));
  }
  assert_true((seen == Set{"a q | ", "a q | x ", "q | a x ", "b q | a x "}));
  expect_ok(fs.sync_dir("."));
  assert_true((futures(fs, "q") == Set{"a x "}));
}

void directories_lose_their_changes_independently(void**) {
  FaultFs fs;
  expect_ok(fs.make_dir("x"));
  expect_ok(fs.make_dir("y"));
  expect_ok(fs.sync_dir("."));
  make_file(fs, "x/a");
  make_file(fs, "y/b");
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto after = fs.after_power_cut(seed);
    seen.insert(names_in(*after, "x") + names_in(*after, "y"));
  }
  assert_true((seen == Set{"", "a ", "b ", "a b "}));
}

void new_directory_is_its_parents_change(void**) {
  FaultFs fs;
  expect_ok(fs.make_dir("db"));
  make_file(fs, "db/a");
  expect_ok(fs.sync_dir("db"));
  assert_true((futures(fs) == Set{"", "db "}));
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto after = fs.after_power_cut(seed);
    assert_int_equal(value_of(after->exists("db/a")), value_of(after->exists("db")));
  }
  expect_ok(fs.sync_dir("."));
  assert_true((futures(fs) == Set{"db "}));
  assert_true((futures(fs, "db") == Set{"a "}));
}

void kill_9_keeps_names_without_making_them_durable(void**) {
  FaultFs fs;
  make_file(fs, "a");
  auto after = fs.after_kill9();
  assert_string_equal(names_in(*after, ".").c_str(), "a ");
  assert_true((futures(*after) == Set{"", "a "}));
  expect_ok(after->sync_dir("."));
  assert_true((futures(*after) == Set{"a "}));
}

void writeback_makes_some_names_durable(void**) {
  std::set<std::string> always;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    FaultFs fs;
    make_file(fs, "a");
    fs.writeback(seed);
    always.insert(std::to_string(futures(fs).size()));
  }
  assert_true((always == Set{"1", "2"}));
}

void paths_are_spelled_freely(void**) {
  FaultFs fs;
  expect_ok(fs.make_dir("./db/"));
  make_file(fs, "db//a", "x");
  assert_string_equal(contents(fs, "./db/a").c_str(), "x");
  expect_ok(fs.make_dir("/abs"));
  make_file(fs, "/abs/b");
  assert_string_equal(names_in(fs, "/abs/").c_str(), "b ");
  assert_string_equal(names_in(fs, ".").c_str(), "db ");
}

void locks_do_not_survive_a_crash(void**) {
  FaultFs fs;
  expect_ok(fs.make_dir("db"));
  expect_ok(fs.sync_dir("."));
  auto lock = value_of(fs.lock("db"));
  auto killed = fs.after_kill9();
  auto cut = fs.after_power_cut(3);
  expect_ok(killed->lock("db").status());
  expect_ok(cut->lock("db").status());
  expect_code(fs.lock("db").status(), Code::busy);
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(syncing_a_file_does_not_save_its_name),
      cmocka_unit_test(changes_survive_in_order),
      cmocka_unit_test(replacing_rename_leaves_the_old_or_the_new),
      cmocka_unit_test(rename_between_directories_is_whole),
      cmocka_unit_test(rename_between_directories_keeps_both_in_order),
      cmocka_unit_test(directories_lose_their_changes_independently),
      cmocka_unit_test(new_directory_is_its_parents_change),
      cmocka_unit_test(kill_9_keeps_names_without_making_them_durable),
      cmocka_unit_test(writeback_makes_some_names_durable),
      cmocka_unit_test(paths_are_spelled_freely),
      cmocka_unit_test(locks_do_not_survive_a_crash),
  };
  return cmocka_run_group_tests_name("fault_fs_names", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
