// While it lives, Store::progress tells of a task: also when that ends by running out of memory.
#pragma once

#include <atomic>
#include <cstdint>

namespace stave {

class TaskProgress {
 public:
  TaskProgress(std::atomic<uint64_t>& done, std::atomic<uint64_t>& total, uint64_t bytes)
      : total_(total) {
    done.store(0, std::memory_order_relaxed);
    total_.store(bytes, std::memory_order_relaxed);
  }
  ~TaskProgress() { total_.store(0, std::memory_order_relaxed); }
  TaskProgress(const TaskProgress&) = delete;
  TaskProgress& operator=(const TaskProgress&) = delete;

 private:
  std::atomic<uint64_t>& total_;  // 0: no task
};

}  // namespace stave
