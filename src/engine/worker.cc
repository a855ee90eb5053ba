#include "engine/worker.h"

#include <csignal>

namespace stave {

void Worker::start(Step step) {
  step_ = std::move(step);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited by the thread
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Worker::wake() {
  MutexLock lock(mutex_);
  if (woken_) return;
  woken_ = true;
  changed_.notify_one();
}

void Worker::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  std::chrono::milliseconds nap = kUntilWoken;
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!woken_ && !stopping_) {
        if (nap == kUntilWoken) {
          changed_.wait(mutex_);
        } else if (!changed_.wait_for(mutex_, nap)) {
          break;
        }
      }
      if (stopping_) return;
      woken_ = false;
    }
    nap = step_();
  }
}

}  // namespace stave
