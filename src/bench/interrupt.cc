#include "bench/interrupt.h"

#include <csignal>

namespace stave::bench {
namespace {

volatile std::sig_atomic_t flag = 0;

void set_flag(int) { flag = 1; }

void install(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;  // without SA_RESTART: a read returns
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  flag = 0;
  install(set_flag);
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL); }

bool interrupted() { return flag != 0; }

}  // namespace stave::bench
