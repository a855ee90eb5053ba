// Ctrl-C: the run ends at once, its stores are removed, and what was measured is reported.
#pragma once

#include <exception>

namespace stave::bench {

class Interrupted : public std::exception {
 public:
  explicit Interrupted(int signal) : signal_(signal) {}
  const char* what() const noexcept override { return "interrupted"; }
  const char* signal_name() const;  // "SIGINT"
  // As a shell tells of a process that the signal ended.
  int exit_code() const { return 128 + signal_; }

 private:
  int signal_;
};

// SIGINT, SIGTERM and SIGHUP only set a flag while one of these lives. REQUIRES: one thread.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

// The first signal that came since the guard was made; 0: none.
int interrupted();

// Waits until `fd` can be read or has ended. Throws Interrupted.
void wait_for_input(int fd);

// For a child process: its parent decides.
void ignore_interrupts();

}  // namespace stave::bench
