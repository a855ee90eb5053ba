// A thread that works beside the one that is measured, is told to stop, and gives back what it
// threw.
#pragma once

#include <atomic>
#include <exception>
#include <thread>

namespace stave::bench {

class Beside {
 public:
  // `work` returns when `stop` becomes true, or by itself.
  template <typename Work>
  explicit Beside(Work work)
      : thread_([this, work] {
          try {
            work(stop_);
          } catch (...) {
            thrown_ = std::current_exception();
          }
          ended_ = true;
        }) {}
  ~Beside() { stop_ = true; }

  bool ended() const { return ended_.load(std::memory_order_relaxed); }
  void join() {
    stop_ = true;
    thread_.join();
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  std::exception_ptr thrown_;
  std::jthread thread_;
};

}  // namespace stave::bench
