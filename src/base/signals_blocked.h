// Blocks all signals in this thread while it lives: signals are the embedder's. Threads that are
// started meanwhile inherit the mask and keep it. Scopes nest.
#pragma once

#include <pthread.h>

#include <csignal>

namespace stave {

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace stave
