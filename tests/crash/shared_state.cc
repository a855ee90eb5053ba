#include "shared_state.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace crash {

void Complaint::make(const char* format, ...) {
  int first = 0;
  if (!made.compare_exchange_strong(first, 1)) return;
  va_list rest;
  va_start(rest, format);
  std::vsnprintf(text, sizeof text, format, rest);
  va_end(rest);
  made.store(2);
}

void SharedState::start_round() {
  phase.store(kStarted);
  stop.store(kGoOn);
  for (ThreadLog& t : threads) {
    t.started.store(0);
    t.acked.store(0);
  }
}

void SharedState::start_store() {
  for (KeyLog& k : keys) {
    k.acked.store(0);
    k.put_started.store(0);
    k.delete_started.store(0);
  }
}

static SharedState* map(int fd) {
  void* memory = mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    std::perror("mmap");
    std::exit(2);
  }
  return static_cast<SharedState*>(memory);  // zeros are a valid initial state
}

SharedState* create_shared(int* fd) {
  *fd = memfd_create("stave-crash", 0);
  if (*fd < 0 || ftruncate(*fd, sizeof(SharedState)) != 0) {
    std::perror("memfd_create");
    std::exit(2);
  }
  return map(*fd);
}

SharedState* attach_shared(int fd) { return map(fd); }

}  // namespace crash
