// A whole run: rounds over workloads over engines, each engine in its own process.
//
// Interleaved: each workload runs on every engine before the next workload begins, so that what
// the machine does meanwhile strikes all alike; the order of engines turns with each round. Engines
// that wait are stopped: what one has left to do in the background is not paid for by another.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/child.h"
#include "bench/settings.h"
#include "bench/summary.h"

namespace stave::bench {

class Progress;

class Session {
 public:
  using Sink = std::function<void(const Result&)>;

  Session(const Settings& settings, const std::vector<EngineKind>& engines,
          const std::vector<Workload>& workloads);

  // Gives every result to `sink` at once. An engine that fails is left out from then on, which
  // its result says. Throws WrongAnswer, which ends the run, and, in the life of an
  // InterruptGuard, Interrupted.
  void run(const Sink& sink);

  // How many results there are to be, and how many were given to the sink.
  size_t steps() const { return steps_; }
  size_t finished() const { return finished_; }

 private:
  struct Step {
    unsigned round;
    bool timed;
  };
  struct Runner {
    const EngineKind* kind;
    std::string dir;
    std::unique_ptr<Child> child;
  };

  void run_round(const Step& step, const std::vector<const EngineKind*>& group,
                 const Progress& progress, const Sink& sink);
  Result run_one(const Step& step, Runner& runner, const Workload& workload);
  void quit(const Step& step, Runner& runner, const Sink& sink);

  const Settings& settings_;
  const std::vector<EngineKind>& engines_;
  const std::vector<Workload>& workloads_;
  std::vector<std::string> failed_;  // names
  std::string dir_;
  size_t steps_ = 0;
  size_t done_ = 0;  // or left out
  size_t finished_ = 0;
};

}  // namespace stave::bench
