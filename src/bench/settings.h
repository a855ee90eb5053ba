// What the command line says about a run, in `stave bench` and `stave-bench` alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/engine.h"

namespace CLI {
class App;
}

namespace stave::bench {

struct Settings {
  uint64_t num_ops = 1000000;
  size_t key_size = 16;
  size_t value_size = 100;
  unsigned threads = 2;
  unsigned repeat = 3;
  uint64_t seed = 1;
  std::string data_dir = ".";
  std::string engines = "all";
  std::string workloads = "core";
  std::string json_file;
  std::string html_file;
  std::string memory_group;    // where coldread may make memory cgroups; "": no limit
  bool latency = true;         // one more round, with a clock for each operation
  bool one_at_a_time = false;  // engine after engine instead of step by step
  bool list = false;
  bool quiet = false;
  std::string program = "stave-bench";  // begins what is said on standard error
};

// Adds the flags to a parser, which binds them to `settings`, and a footer above the one there.
void declare_flags(CLI::App& app, Settings& settings, const std::vector<EngineKind>& known);

// Throws UsageError for what no flag's own check can see.
void check_settings(const Settings& settings);

// Those named in a comma-separated list, in its order; "all" are all but the self-tests. Throws
// UsageError.
std::vector<EngineKind> choose_engines(const std::vector<EngineKind>& known,
                                       const std::string& names);

// What --list prints.
std::string list_of(const std::vector<EngineKind>& engines);

}  // namespace stave::bench
