#include "bench/interrupt.h"

#include <poll.h>

#include <cerrno>
#include <csignal>

#include "bench/error.h"

namespace stave::bench {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t first_signal = 0;

void note_signal(int signal) {
  if (first_signal == 0) first_signal = signal;
}

// What is ignored stays so: nohup and shells' background jobs mean it.
void install(void (*handler)(int)) {
  for (const int signal : kSignals) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;  // no write of a result is cut; poll returns all the same
    sigaction(signal, &action, nullptr);
  }
}

// Blocks the signals, so that none comes between a look at the flag and the poll that it shall end.
class Blocked {
 public:
  Blocked() {
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : kSignals) sigaddset(&ours, signal);
    sigprocmask(SIG_BLOCK, &ours, &before_);
  }
  ~Blocked() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;
  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_ = {};
};

}  // namespace

const char* Interrupted::signal_name() const {
  return signal_ == SIGINT ? "SIGINT" : signal_ == SIGTERM ? "SIGTERM" : "SIGHUP";
}

InterruptGuard::InterruptGuard() {
  first_signal = 0;
  install(note_signal);
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL); }

int interrupted() { return first_signal; }

void wait_for_input(int fd) {
  const Blocked blocked;
  for (;;) {
    if (interrupted() != 0) throw Interrupted(interrupted());
    pollfd wanted = {fd, POLLIN, 0};
    const int ready = ppoll(&wanted, 1, nullptr, &blocked.before());
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw_errno("poll");
  }
}

void ignore_interrupts() {
  for (const int signal : kSignals) std::signal(signal, SIG_IGN);
}

}  // namespace stave::bench
