#include "bench/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace stave::bench {
namespace {

volatile std::sig_atomic_t flag = 0;

void set_flag(int) { flag = 1; }

// What is ignored stays so: nohup and shells' background jobs mean it.
void install(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = handler;  // without SA_RESTART: a read returns
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  flag = 0;
  install(set_flag);
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL); }

bool interrupted() { return flag != 0; }

}  // namespace stave::bench
