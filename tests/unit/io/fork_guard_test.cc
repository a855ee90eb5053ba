#include "io/fork_guard.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>

#include "unit/io/io_util.h"

namespace {
bool wipe_on_fork_is_missing = false;
}

// In place of the C library's: an old kernel refuses MADV_WIPEONFORK.
extern "C" int madvise(void* addr, size_t length, int advice) noexcept {
  if (wipe_on_fork_is_missing && advice == MADV_WIPEONFORK) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_madvise, addr, length, advice));
}

namespace stave::test {
namespace {

void expect_child_is_told(const ForkGuard& guard) {
  assert_false(guard.in_child());
  assert_int_equal(in_child([&] { return guard.in_child() ? 1 : 0; }), 1);
  const int grandchild =
      in_child([&] { return in_child([&] { return guard.in_child() ? 1 : 0; }); });
  assert_int_equal(grandchild, 1);
  assert_false(guard.in_child());
}

void child_is_told(void**) {
  ForkGuard guard;
  expect_ok(guard.arm());
  expect_child_is_told(guard);
}

void child_is_told_without_wipe_on_fork(void**) {
  wipe_on_fork_is_missing = true;
  ForkGuard guard;
  expect_ok(guard.arm());
  wipe_on_fork_is_missing = false;
  expect_child_is_told(guard);
}

void guard_armed_in_a_child_is_the_childs(void**) {
  const int seen = in_child([] {
    ForkGuard guard;
    if (!guard.arm().ok() || guard.in_child()) return 2;
    return in_child([&] { return guard.in_child() ? 1 : 0; });
  });
  assert_int_equal(seen, 1);
}

void unarmed_guard_sees_no_child(void**) {
  ForkGuard guard;
  assert_int_equal(in_child([&] { return guard.in_child() ? 1 : 0; }), 0);
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(child_is_told),
      cmocka_unit_test(child_is_told_without_wipe_on_fork),
      cmocka_unit_test(guard_armed_in_a_child_is_the_childs),
      cmocka_unit_test(unarmed_guard_sees_no_child),
  };
  return cmocka_run_group_tests_name("fork_guard", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
