// Where a run took place: figures mean nothing without it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/engine.h"
#include "bench/settings.h"

namespace stave::bench {

struct Environment {
  std::string date;  // UTC
  std::string cpu;
  unsigned cores = 0;
  uint64_t memory_bytes = 0;
  std::string kernel;
  std::string file_system;  // of the data directory, with its device
  std::string compiler;     // of the benchmark; libraries of peers are as Debian built them
  std::string build;        // "release", "with assertions", "with a sanitizer"
};

Environment look_around(const std::string& data_dir);

// The first JSON line of a run.
nlohmann::ordered_json to_json(const Environment& here, const Settings& settings,
                               const std::vector<EngineKind>& engines);

}  // namespace stave::bench
