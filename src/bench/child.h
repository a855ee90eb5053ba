// One engine in a process of its own: its memory can be measured, its threads rest while others
// are measured (SIGSTOP), it can be killed as a power switch would, and a crash is only its own.
#pragma once

#include <sys/types.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bench/fd.h"
#include "bench/loops.h"
#include "bench/memory_group.h"
#include "bench/result.h"
#include "bench/settings.h"
#include "bench/workload.h"

namespace stave::bench {

class Child {
 public:
  // REQUIRES: this process has one thread.
  Child(const EngineKind& kind, const Settings& settings, std::string dir);
  ~Child();  // kills
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Wakes the process, lets it run the workload, and stops it again. Throws WrongAnswer, or Error
  // if the engine failed or its process died.
  Result run(const Workload& workload, bool timed);

  // Closes the store and ends.
  void quit();

 private:
  nlohmann::ordered_json request(const nlohmann::ordered_json& what);
  void spawn();
  void kill();
  [[noreturn]] void serve(int from, int to);
  std::string how_it_ended();

  const EngineKind& kind_;
  const Settings& settings_;
  std::string dir_;
  std::unique_ptr<MemoryGroup> group_;  // none without --memory-group
  Contents contents_;
  pid_t pid_ = -1;
  Fd to_;
  Fd from_;
};

}  // namespace stave::bench
