#include "engine/load_threads.h"

#include <exception>
#include <thread>
#include <vector>

#include "base/signals_blocked.h"

namespace stave {

size_t load_threads(const Options& options) {
  if (!options.background) return 1;
  return options.load_threads != 0 ? options.load_threads : std::thread::hardware_concurrency();
}

size_t on_threads(size_t threads, const std::function<void()>& work) {
  std::vector<std::thread> helpers;
  helpers.reserve(threads);
  try {
    const SignalsBlocked blocked;
    for (size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
  } catch (const std::exception&) {  // the work is shared by those that there are
  }
  work();
  for (std::thread& t : helpers) t.join();
  return helpers.size() + 1;
}

}  // namespace stave
