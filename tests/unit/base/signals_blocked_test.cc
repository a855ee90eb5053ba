// Signals wait while they are blocked, arrive afterwards, and the mask before is put back.
#include "base/signals_blocked.h"

#include <thread>

#include "support/cmocka.h"

namespace stave::test {
namespace {

volatile std::sig_atomic_t arrived = 0;

bool blocked_here(int signal) {
  sigset_t now;
  assert_int_equal(::pthread_sigmask(SIG_SETMASK, nullptr, &now), 0);
  return ::sigismember(&now, signal) == 1;
}

void a_signal_waits_until_the_scope_ends(void**) {
  arrived = 0;
  const auto before = std::signal(SIGUSR1, [](int) { arrived = 1; });
  {
    const SignalsBlocked blocked;
    assert_int_equal(::pthread_kill(::pthread_self(), SIGUSR1), 0);
    assert_int_equal(arrived, 0);
  }
  assert_int_equal(arrived, 1);
  std::signal(SIGUSR1, before);
}

void the_mask_before_is_put_back(void**) {
  sigset_t one;
  sigset_t before;
  ::sigemptyset(&one);
  ::sigaddset(&one, SIGUSR2);
  assert_int_equal(::pthread_sigmask(SIG_BLOCK, &one, &before), 0);
  {
    const SignalsBlocked outer;
    { const SignalsBlocked inner; }
    assert_true(blocked_here(SIGUSR1));
    assert_true(blocked_here(SIGTERM));
  }
  assert_false(blocked_here(SIGUSR1));
  assert_true(blocked_here(SIGUSR2));
  assert_int_equal(::pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

void a_thread_started_meanwhile_keeps_them_blocked(void**) {
  bool blocked_there = false;
  std::thread thread;
  {
    const SignalsBlocked blocked;
    thread = std::thread([&] { blocked_there = blocked_here(SIGUSR1) && blocked_here(SIGTERM); });
  }
  thread.join();
  assert_true(blocked_there);
  assert_false(blocked_here(SIGUSR1));
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signal_waits_until_the_scope_ends),
      cmocka_unit_test(the_mask_before_is_put_back),
      cmocka_unit_test(a_thread_started_meanwhile_keeps_them_blocked),
  };
  return cmocka_run_group_tests_name("signals_blocked", tests, nullptr, nullptr);
}
