// Ctrl-C in a session: it ends the present command, not the process.
//
// While an InterruptGuard lives, SIGINT sets a mark, which is looked at where a verb prints or
// reads, and ends it there. A second SIGINT before the mark was taken ends the process, as ever.
#pragma once

#include "cli/failure.h"

namespace stave::cli {

class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

// What a shell gives a process that SIGINT ended.
inline constexpr auto kInterruptedExit = static_cast<Exit>(130);

// Whether SIGINT came since the last call of this function, and takes the mark off.
bool take_interrupt();

// Readable from SIGINT until the mark is taken off, or after wake_up: what waits for input waits
// for this too. A signal between looking and waiting would else be missed, as EINTR comes only
// within. REQUIRES: an InterruptGuard is alive.
int wake_descriptor();

// For handlers of other signals.
void wake_up();

// Both leave the mark; the second throws Failure if it is there.
bool interrupt_pending();
void check_interrupt();

}  // namespace stave::cli
