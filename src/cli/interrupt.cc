#include "cli/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace stave::cli {
namespace {

// Signal handlers know nothing but globals.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
struct sigaction before_us;
std::atomic<int> wake_fd{-1};

extern "C" void on_interrupt(int signal) {
  wake_up();
  if (!interrupted.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // delivered when this handler returns
}

}  // namespace

InterruptGuard::InterruptGuard() {
  wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) throw system_failure("eventfd", errno);
  struct sigaction action {};
  action.sa_handler = on_interrupt;  // no SA_RESTART: a read that waits must return
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_us);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_us, nullptr);
  interrupted = false;
  close(wake_fd.exchange(-1));
}

int wake_descriptor() { return wake_fd; }

void wake_up() {
  const int error = errno;
  eventfd_write(wake_fd, 1);
  errno = error;
}

bool take_interrupt() {
  eventfd_t count = 0;
  eventfd_read(wake_fd, &count);
  return interrupted.exchange(false);
}

bool interrupt_pending() { return interrupted.load(std::memory_order_relaxed); }

void check_interrupt() {
  if (interrupt_pending()) throw Failure(kInterruptedExit, "interrupted");
}

}  // namespace stave::cli
