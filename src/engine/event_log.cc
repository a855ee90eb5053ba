#include "engine/event_log.h"

#include "base/limits.h"

namespace stave {

void EventLog::write(LogLevel level, const std::string& message) {
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= kLogQueueEntries) {
      queue_.pop_front();
      ++dropped_;
    }
    queue_.push_back({level, clock_.now_ms(), message});
  }
  if (callback_) callback_(static_cast<int>(level), message);
}

bool EventLog::next(LogEvent* out, uint64_t* dropped) {
  MutexLock lock(mutex_);
  *dropped = dropped_;
  if (queue_.empty()) return false;
  *out = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

}  // namespace stave
