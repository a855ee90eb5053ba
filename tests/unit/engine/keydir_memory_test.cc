// The keydir's address space: little for little stores, and less where the system grants less.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "keydir_support.h"

// The sanitizer's own allocations fail under such limits.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STAVE_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define STAVE_THREAD_SANITIZER 1
#endif

namespace stave::keydir_test {
namespace {

uint64_t address_space_in_use() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

void a_store_of_one_key_touches_one_block(void**) {
  auto k = make_keydir(4ULL << 30);
  assert_int_equal(k->memory_bytes(), 0);
  const Digest d = digest_of(hasher(), 1);
  put(*k, d, 1);
  assert_int_equal(k->memory_bytes(), kHugePage);
  assert_int_equal(address_of(*k, d), 1);
}

// As under `ulimit -v`: in a child, so that the limit goes with it. Asserting is the parent's.
int child_under_limit(uint64_t bytes_left) {
  constexpr uint64_t kKeys = 200000;
  rlimit limit{};
  limit.rlim_cur = limit.rlim_max = address_space_in_use() + bytes_left;
  if (::setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  auto made = Keydir::create();
  if (!made.ok()) return made.status().is(Code::no_memory) ? 2 : 3;
  if (limit.rlim_cur - address_space_in_use() < bytes_left / 4) return 4;  // left for others
  const Hasher h = hasher();
  Slot s;
  for (uint64_t i = 0; i < kKeys; ++i) {
    if (!(*made)->make_room(digest_of(h, i)).ok()) return 5;
    (*made)->put(digest_of(h, i), {i + 1, 0}, &s);
  }
  for (uint64_t i = 0; i < kKeys; ++i) {
    if (!(*made)->find(digest_of(h, i), &s) || s.address != i + 1) return 6;
  }
  return 0;
}

int exit_code_under_limit(uint64_t bytes_left) {
#if defined(STAVE_THREAD_SANITIZER)
  skip();
#endif
  (void)seed();  // printed once, here
  std::fflush(stdout);
  const pid_t pid = ::fork();
  assert_true(pid >= 0);
  if (pid == 0) ::_exit(child_under_limit(bytes_left));
  int status = 0;
  assert_int_equal(::waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

void a_small_address_space_is_shared_with_others(void**) {
  for (uint64_t mib : {64, 256, 1000, 8000}) {
    assert_int_equal(exit_code_under_limit(mib << 20), 0);
  }
}

void no_address_space_is_no_memory(void**) { assert_int_equal(exit_code_under_limit(1 << 20), 2); }

}  // namespace
}  // namespace stave::keydir_test

int main() {
  using namespace stave::keydir_test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_store_of_one_key_touches_one_block),
      cmocka_unit_test(a_small_address_space_is_shared_with_others),
      cmocka_unit_test(no_address_space_is_no_memory),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
