// Whether a process has a store open for writing, seen from outside and without disturbing it.
#pragma once

#include <string>

namespace stave::cli {

enum class WriterProbe { at_work, none, unknown };

// Asks the kernel who holds the lock on DIR/LOCK (docs/format.md); takes no lock itself, so a
// writer that opens the store meanwhile is not refused.
// REQUIRES: this process has no store open for writing, for closing any descriptor of LOCK would
// drop its lock.
WriterProbe probe_writer(const std::string& dir);

}  // namespace stave::cli
