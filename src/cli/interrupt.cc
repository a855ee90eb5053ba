#include "cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace stave::cli {
namespace {

// Signal handlers know nothing but globals.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
struct sigaction before_us;

extern "C" void on_interrupt(int signal) {
  if (!interrupted.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // delivered when this handler returns
}

}  // namespace

InterruptGuard::InterruptGuard() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;  // no SA_RESTART: a read that waits must return
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_us);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_us, nullptr);
  interrupted = false;
}

bool take_interrupt() { return interrupted.exchange(false); }

bool interrupt_pending() { return interrupted.load(std::memory_order_relaxed); }

void check_interrupt() {
  if (interrupt_pending()) throw Failure(kInterruptedExit, "interrupted");
}

}  // namespace stave::cli
