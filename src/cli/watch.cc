#include "cli/watch.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <utility>

#include "cli/context.h"
#include "cli/terminal.h"

namespace stave::cli {
namespace {
constexpr std::chrono::milliseconds kPeriod{100};
}

Watch::Watch(const Context& context, Store& store, Poll poll)
    : store_(store),
      poll_(std::move(poll)),
      draws_(!context.quiet && isatty(STDERR_FILENO) == 1),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Watch::run(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  const bool utf8 = locale_is_utf8();
  const Clock::time_point start = Clock::now();
  std::mutex mutex;  // guards nothing: the wait wants one
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kPeriod, [&stop] { return stop.stop_requested(); })) {
    clear_line();
    store_.report_events();
    if (!draws_) continue;
    Progress progress = poll_();
    progress.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    // One column less than there is: a full last column makes some terminals wrap.
    size_t width = terminal_width(STDERR_FILENO) - 1;
    std::fputs(render_progress(progress, width, utf8).c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
  }
  clear_line();
}

void Watch::clear_line() {
  if (!drawn_) return;
  std::fputs(kClearLine, stderr);
  std::fflush(stderr);
  drawn_ = false;
}

Watch::Poll library_progress(const Store& store) {
  return [db = store.get()] {
    stave_progress now{};
    now.size = sizeof(now);
    if (stave_get_progress(db, &now) != STAVE_OK || now.active == 0) return Progress{"working"};
    return Progress{now.task, now.done, now.total};
  };
}

}  // namespace stave::cli
