// What happened, for people: a bounded queue that the embedder polls, and an optional callback.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"

namespace stave {

enum class LogLevel : int { debug = 0, info = 1, warn = 2, error = 3 };

struct LogEvent {
  LogLevel level = LogLevel::info;
  uint64_t time_ms = 0;
  std::string message;
};

class EventLog {
 public:
  EventLog(const Clock& clock, std::function<void(int, const std::string&)> callback)
      : clock_(clock), callback_(std::move(callback)) {}
  // Any thread. The callback runs here, with whatever locks the caller holds.
  void write(LogLevel level, const std::string& message) STAVE_EXCLUDES(mutex_);
  // False: nothing queued. *dropped: events lost so far.
  bool next(LogEvent* out, uint64_t* dropped) STAVE_EXCLUDES(mutex_);

 private:
  const Clock& clock_;
  const std::function<void(int, const std::string&)> callback_;
  Mutex mutex_;
  std::deque<LogEvent> queue_ STAVE_GUARDED_BY(mutex_);
  uint64_t dropped_ STAVE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stave
