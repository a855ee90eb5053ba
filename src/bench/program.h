// From settings to output: what `stave bench` and `stave-bench` share.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/engine.h"
#include "bench/settings.h"

namespace stave::bench {

struct Program {
  const Settings& settings;
  const std::vector<EngineKind>& known;  // engines to choose from
  bool compare = true;                   // engines side by side, else one after the other
  bool json_to_out = false;              // JSON lines instead of text
  std::function<void(std::string_view)> out;
};

// Runs the benchmark. False if an engine failed (what, stands in the output). Throws UsageError,
// WrongAnswer, Error; and Interrupted, after it has reported what was measured.
bool run_program(const Program& program);

}  // namespace stave::bench
