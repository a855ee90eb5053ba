#include "base/thread_priority.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace stave {

void lower_this_thread(Yielding yielding) {
  constexpr int kSteps = 19;
  int policy = 0;
  sched_param param{};
  // An embedder that chose a policy for its threads knows better.
  if (::pthread_getschedparam(::pthread_self(), &policy, &param) != 0 || policy != SCHED_OTHER) {
    return;
  }
  const int lower = yielding == Yielding::wholly ? SCHED_IDLE : SCHED_BATCH;
  (void)::pthread_setschedparam(::pthread_self(), lower, &param);
  // Linux: of one thread. Stops at 19.
  const auto self = static_cast<id_t>(::gettid());
  (void)::setpriority(PRIO_PROCESS, self, ::getpriority(PRIO_PROCESS, self) + kSteps);
}

}  // namespace stave
