// A background thread that does one step whenever it is woken or its time has come. All signals
// are blocked in it: they belong to the embedder's threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

#include "base/mutex.h"
#include "base/status.h"

namespace stave {

class Worker {
 public:
  static constexpr std::chrono::milliseconds kUntilWoken{0};
  // Returns how long to sleep before the next step if nobody wakes it.
  using Step = std::function<std::chrono::milliseconds()>;

  Worker() = default;
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // What waits for it: a put soon, or only space on the disk.
  enum class Haste : uint8_t { soon, whenever };
  // no_memory when the system gives no thread. Not twice.
  // name: at most 15 bytes.
  Status start(const char* name, Step step, Haste haste);
  // Cheap when already woken; no-op before start.
  void wake() STAVE_EXCLUDES(mutex_);
  // Asks it to end without waiting; stop() waits. start() may not follow.
  void abandon() STAVE_EXCLUDES(mutex_);
  // Ends after the step at work. Idempotent; wakes later are ignored.
  void stop() STAVE_EXCLUDES(mutex_);

 private:
  void run(Haste haste);

  Step step_;
  std::thread thread_;
  Mutex mutex_;
  CondVar changed_;
  bool woken_ STAVE_GUARDED_BY(mutex_) = true;  // the first step is done at once
  bool stopping_ STAVE_GUARDED_BY(mutex_) = false;
};

}  // namespace stave
