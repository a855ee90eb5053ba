#include "engine/worker.h"

#include <pthread.h>

#include <new>
#include <string>
#include <system_error>

#include "base/signals_blocked.h"
#include "base/thread_priority.h"

namespace stave {

Status Worker::start(const char* name, Step step, Haste haste) {
  step_ = std::move(step);
  try {
    const SignalsBlocked blocked;  // the thread inherits it
    thread_ = std::thread([this, haste] { run(haste); });
    // As `top -H` and debuggers show it.
    (void)::pthread_setname_np(thread_.native_handle(), name);
  } catch (const std::system_error& e) {
    return {Code::no_memory, std::string("starting a background thread: ") + e.what()};
  } catch (const std::bad_alloc&) {
    return Status::answer(Code::no_memory);
  }
  return {};
}

void Worker::wake() {
  MutexLock lock(mutex_);
  if (woken_) return;
  woken_ = true;
  changed_.notify_one();
}

void Worker::abandon() {
  MutexLock lock(mutex_);
  stopping_ = true;
  changed_.notify_one();
}

void Worker::stop() {
  abandon();
  if (thread_.joinable()) thread_.join();
}

void Worker::run(Haste haste) {
  if (haste == Haste::whenever) lower_this_thread();
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
    // Steps turn what is thrown into a Status; this is for what slips through (out of memory
    // while telling about it): the embedder's process is not ours to end.
    try {
      nap = step_();
    } catch (...) {
      nap = std::chrono::milliseconds(1000);
    }
  }
}

}  // namespace stave
