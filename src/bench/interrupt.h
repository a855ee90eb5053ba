// Ctrl-C: the run ends between two requests, and its stores are removed.
#pragma once

#include <exception>

namespace stave::bench {

class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

// SIGINT and SIGTERM only set a flag while one of these lives.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

bool interrupted();

}  // namespace stave::bench
