// Threads that share the work of opening a store, and are gone when it is done.
#pragma once

#include <cstddef>
#include <functional>

#include "engine/options.h"

namespace stave {

// How many there may be.
size_t load_threads(const Options& options);

// Runs `work` on so many threads at once, the caller's among them; on fewer where the system
// refuses them, which the answer tells. `work` must not throw.
size_t on_threads(size_t threads, const std::function<void()>& work);

}  // namespace stave
