// The parts that run as processes of their own, and how they are told what to do.
#pragma once

#include <cstdint>
#include <string>

#include "shared_state.h"
#include "stave/stave.h"
#include "workload.h"

namespace crash {

struct Task {
  std::string dir, io, sync;
  Mix mix = Mix::plain;
  uint64_t seed = 0, round = 0;
  uint32_t threads = 1;
};

// Options of a round: I/O mode, sync mode, small files, eager merges.
stave_options* writer_options(const Task& task);
stave_options* reader_options(const Task& task);
// Of a look at what a writer left: no threads, so that deleted ranges have been swept at once.
stave_options* checker_options(const Task& task);

// Opens, writes until told to stop (or killed), closes. The exit status.
int run_writer(const Task& task, SharedState* shared);
// Opens read-only and refreshes until told to stop, through any number of writers' lives.
int run_reader(const Task& task, SharedState* shared);

}  // namespace crash
