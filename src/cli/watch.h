// Beside a long call: a thread that shows its progress on standard error (on a terminal only)
// and prints the store's log events as they come. Meanwhile other threads print by print_error
// alone, which makes room for its line; the bar returns at the next tick.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "cli/progress_bar.h"
#include "cli/store.h"

namespace stave::cli {

class Watch {
 public:
  // `poll` is called on the thread; it fills label, done and total.
  using Poll = std::function<Progress()>;
  Watch(const Context& context, Store& store, Poll poll);

  // Stops the thread and clears the bar's line.
  ~Watch() = default;

 private:
  void run(const std::stop_token& stop);
  void clear_line();

  Store& store_;
  Poll poll_;
  bool draws_;
  bool drawn_ = false;
  std::jthread thread_;  // last: it uses all of the above, and joins first
};

// The poll for calls that report by stave_get_progress.
Watch::Poll library_progress(const Store& store);

}  // namespace stave::cli
