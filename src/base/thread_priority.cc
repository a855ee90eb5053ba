#include "base/thread_priority.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace stave {

void lower_this_thread() {
  constexpr int kLowest = 19;
  int policy = 0;
  sched_param param{};
  // An embedder that chose a policy for its threads knows better.
  if (::pthread_getschedparam(::pthread_self(), &policy, &param) != 0 || policy != SCHED_OTHER) {
    return;
  }
  // Not SCHED_IDLE, beside which other threads wait for its locks for seconds.
  (void)::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &param);
  // Linux: of one thread.
  const auto self = static_cast<id_t>(::gettid());
  (void)::setpriority(PRIO_PROCESS, self, kLowest);
}

}  // namespace stave
