// The benchmark's memory cgroups: what is written where, in both versions. Plain files stand for
// the kernel's, for a test must not need a group that somebody delegated.
#include "bench/memory_group.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/error.h"
#include "support/cmocka.h"

namespace {

using stave::bench::check_memory_group;
using stave::bench::Error;
using stave::bench::memory_limit_for;
using stave::bench::MemoryGroup;
using stave::bench::UsageError;

constexpr uint64_t kMiB = 1u << 20;

class Parent {
 public:
  Parent() : dir_((std::filesystem::temp_directory_path() / "stave-group.XXXXXX").string()) {
    assert_non_null(mkdtemp(dir_.data()));
  }
  ~Parent() { std::filesystem::remove_all(dir_); }
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  std::string path(const std::string& name) const { return dir_ + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  std::string text(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const std::string& dir() const { return dir_; }

 private:
  std::string dir_;
};

template <typename Wanted, typename Work>
bool throws(Work work) {
  try {
    work();
  } catch (const Wanted&) {
    return true;
  }
  return false;
}

void VersionTwoHasMemoryMax(void**) {
  const Parent parent;
  const MemoryGroup group(parent.dir(), "g");
  for (const char* name : {"g/memory.max", "g/cgroup.procs"}) parent.put(name, "");
  parent.put("g/memory.current", "12345\n");
  group.enter();
  assert_string_equal(parent.text("g/cgroup.procs").c_str(), "0\n");
  assert_int_equal(group.held_bytes(), 12345);
  group.limit(0);
  assert_string_equal(parent.text("g/memory.max").c_str(), "max\n");
  parent.put("g/memory.max", "");
  group.limit(64 * kMiB);
  assert_string_equal(parent.text("g/memory.max").c_str(), "67108864\n");
}

void VersionOneHasALimitInBytes(void**) {
  const Parent parent;
  const MemoryGroup group(parent.dir(), "g");
  for (const char* name : {"g/memory.limit_in_bytes", "g/cgroup.procs"}) parent.put(name, "");
  parent.put("g/memory.usage_in_bytes", "54321\n");
  group.enter();
  assert_string_equal(parent.text("g/cgroup.procs").c_str(), "0\n");
  assert_int_equal(group.held_bytes(), 54321);
  group.limit(0);
  assert_string_equal(parent.text("g/memory.limit_in_bytes").c_str(), "-1\n");
  parent.put("g/memory.limit_in_bytes", "");
  group.limit(64 * kMiB);
  assert_string_equal(parent.text("g/memory.limit_in_bytes").c_str(), "67108864\n");
}

void NothingSeemsToWorkInAPlainDirectory(void**) {
  const Parent parent;
  const MemoryGroup group(parent.dir(), "g");
  assert_true(throws<Error>([&] { group.enter(); }));
  assert_true(throws<Error>([&] { group.limit(kMiB); }));
  assert_true(throws<Error>([&] { (void)group.held_bytes(); }));
  assert_true(std::filesystem::is_empty(parent.path("g")));
}

void TheGroupIsRemoved(void**) {
  const Parent parent;
  {
    const MemoryGroup group(parent.dir(), "g");
    assert_true(std::filesystem::is_directory(parent.path("g")));
    assert_true(throws<Error>([&] { const MemoryGroup same(parent.dir(), "g"); }));
    assert_true(std::filesystem::is_directory(parent.path("g")));
  }
  assert_false(std::filesystem::exists(parent.path("g")));
}

void OnlyAParentThatCanLimitMemoryIsTaken(void**) {
  const Parent parent;
  auto check = [&] { check_memory_group(parent.dir()); };
  assert_true(throws<UsageError>(check));
  parent.put("cgroup.subtree_control", "cpu pids\n");
  assert_true(throws<UsageError>(check));
  parent.put("cgroup.subtree_control", "cpu memory pids\n");
  check();
  std::filesystem::remove(parent.path("cgroup.subtree_control"));
  parent.put("memory.limit_in_bytes", "-1\n");
  check();
}

void TheLimitIsAQuarterButLeavesRoom(void**) {
  assert_int_equal(memory_limit_for(400 * kMiB, 20 * kMiB), 100 * kMiB);
  assert_int_equal(memory_limit_for(400 * kMiB, 90 * kMiB), 106 * kMiB);
  assert_int_equal(memory_limit_for(0, 0), 16 * kMiB);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(VersionTwoHasMemoryMax),
      cmocka_unit_test(VersionOneHasALimitInBytes),
      cmocka_unit_test(NothingSeemsToWorkInAPlainDirectory),
      cmocka_unit_test(TheGroupIsRemoved),
      cmocka_unit_test(OnlyAParentThatCanLimitMemoryIsTaken),
      cmocka_unit_test(TheLimitIsAQuarterButLeavesRoom),
  };
  return cmocka_run_group_tests_name("bench memory_group", tests, nullptr, nullptr);
}
