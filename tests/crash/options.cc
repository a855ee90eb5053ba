#include <cstdio>
#include <cstdlib>

#include "process.h"
#include "workload.h"

namespace crash {

static void set(stave_options* o, const char* name, const std::string& value) {
  if (stave_options_set(o, name, value.c_str()) == STAVE_OK) return;
  std::fprintf(stderr, "option %s: %s\n", name, stave_last_error());
  std::exit(2);
}

stave_options* writer_options(const Task& task) {
  Random random(task.seed + task.round);
  stave_options* o = nullptr;
  if (stave_options_create(&o) != STAVE_OK) std::exit(2);
  set(o, "io", task.io);
  set(o, "sync", task.sync);
  set(o, "max_file_size", random.below(2) == 0 ? "64KiB" : "256KiB");
  if (random.below(3) == 0) set(o, "max_file_entries", "16");  // rotates all the time
  set(o, "preallocate", random.below(2) == 0 ? "64KiB" : "1MiB");
  set(o, "checkpoint_min_ops", random.below(2) == 0 ? "0" : "10000");
  set(o, "merge.triggers.fragmentation", "20");
  set(o, "merge.triggers.dead_bytes", "32KiB");
  set(o, "merge.thresholds.fragmentation", "10");
  set(o, "merge.thresholds.dead_bytes", "16KiB");
  set(o, "merge.check_interval", "10ms");
  return o;
}

stave_options* checker_options(const Task& task) {
  stave_options* o = writer_options(task);
  if (task.mix == Mix::ranges) set(o, "background", "false");
  return o;
}

stave_options* reader_options(const Task& task) {
  stave_options* o = nullptr;
  if (stave_options_create(&o) != STAVE_OK) std::exit(2);
  set(o, "io", task.io);
  set(o, "read_only", "true");
  return o;
}

}  // namespace crash
