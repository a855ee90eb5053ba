// Unlinking in destructors: they throw nothing, and what stays is a leftover that the next writer
// removes.
#pragma once

#include <new>

#include "io/fs.h"

namespace stave {

// path(): of the file; making it, and telling of a failure, may run out of memory.
template <typename Path>
void unlink_quietly(Fs& fs, const Path& path) noexcept {
  try {
    (void)fs.unlink(path());
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace stave
