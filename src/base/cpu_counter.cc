#include "base/cpu_counter.h"

#include <unistd.h>

#include <cerrno>

#include "base/check.h"

#if STAVE_RSEQ
#include <linux/membarrier.h>
#include <sys/syscall.h>
#endif

namespace stave {

#if STAVE_RSEQ

static_assert(RSEQ_SIG == 0x53053053, "the signature in add_on_this_cpu");

namespace {
// A thousand counters of 128 bytes are as much as a store should spend on them.
constexpr long kCountersMax = 1024;
}  // namespace

unsigned cpu_counters() {
  static const unsigned count = []() -> unsigned {
    if (__rseq_size == 0) return 0;
    if (::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0) return 0;
    const long cpus = ::sysconf(_SC_NPROCESSORS_CONF);
    return static_cast<unsigned>(cpus < 1 ? 1 : cpus > kCountersMax ? kCountersMax : cpus);
  }();
  return count;
}

void barrier_everywhere() {
  if (cpu_counters() == 0) return;
  while (::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) {
    // Once registered it fails for want of memory only, or because a filter of system calls
    // (seccomp) came after the first store: then nothing else would do, and going on might free
    // what a reader still reads.
    STAVE_CHECK(errno == ENOMEM);
    ::usleep(1000);
  }
}

#else

unsigned cpu_counters() { return 0; }
void barrier_everywhere() {}

#endif

}  // namespace stave
