#include "bench/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "bench/error.h"
#include "bench/memory_group.h"
#include "bench/records.h"
#include "bench/workload.h"

namespace stave::bench {
namespace {

constexpr uint64_t kOpsMax = 4000000000;  // picks are 32 bits
constexpr uint64_t kBytesMax = 16ULL << 30;

}  // namespace

void declare_flags(CLI::App& app, Settings& s) {
  app.add_option("--num-ops", s.num_ops, "Records, and operations of most workloads")
      ->check(CLI::Range(uint64_t{1}, kOpsMax))
      ->capture_default_str();
  app.add_option("--key-size", s.key_size, "Bytes of a key")
      ->check(CLI::Range(kKeySizeMin, kKeySizeMax))
      ->capture_default_str();
  app.add_option("--value-size", s.value_size, "Bytes of a value")
      ->check(CLI::Range(kValueSizeMin, kValueSizeMax))
      ->capture_default_str();
  app.add_option("--threads", s.threads, "Threads of readthreads")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  app.add_option("--repeat", s.repeat, "Rounds, each on fresh stores; the median counts")
      ->check(CLI::Range(1u, 100u))
      ->capture_default_str();
  app.add_option("--seed", s.seed, "Seed of keys, values and picks")->capture_default_str();
  app.add_option("--data-dir", s.data_dir, "Where to make the stores (removed at the end)")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--engines", s.engines, "Names with commas between, or all")
      ->type_name("LIST")
      ->capture_default_str();
  app.add_option("--workloads", s.workloads, "Names with commas between, core or all")
      ->type_name("LIST")
      ->capture_default_str();
  app.add_option("--json", s.json_file,
                 "Write JSON lines to this file; - is standard output, instead of the tables")
      ->type_name("FILE");
  app.add_option("--html", s.html_file, "Write a report with charts to this file")
      ->type_name("FILE");
  app.add_option("--memory-group", s.memory_group,
                 "A cgroup to make groups in: coldread has a quarter of its data as memory")
      ->type_name("DIR");
  app.add_flag("!--no-latency", s.latency, "Leave out the round that measures latencies");
  app.add_flag("--one-at-a-time", s.one_at_a_time,
               "All workloads on one engine, then the next engine (for stores that do not fit "
               "into memory together)");
  app.add_flag("--list", s.list, "List engines and workloads");
}

void check_settings(const Settings& s) {
  if (s.num_ops * (s.key_size + s.value_size) > kBytesMax) {
    throw UsageError(
        "--num-ops, --key-size and --value-size make more than 16 GiB a store: lower "
        "one of them");
  }
  struct stat status;
  if (stat(s.data_dir.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw UsageError("--data-dir: " + s.data_dir + " is no directory: make it first");
  }
  if (access(s.data_dir.c_str(), W_OK | X_OK) != 0) {
    throw UsageError("--data-dir: " + s.data_dir + " is not writable: name another");
  }
  if (!s.memory_group.empty()) check_memory_group(s.memory_group);
}

std::vector<EngineKind> choose_engines(const std::vector<EngineKind>& known,
                                       const std::string& names) {
  std::vector<EngineKind> chosen;
  auto add = [&chosen](const EngineKind& kind) {
    auto same = [&kind](const EngineKind& other) { return other.name == kind.name; };
    if (std::none_of(chosen.begin(), chosen.end(), same)) chosen.push_back(kind);
  };
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    bool found = false;
    std::string there;
    for (const EngineKind& kind : known) {
      const bool selftest = kind.role == EngineKind::Role::selftest;
      if (!selftest) there += " " + kind.name;
      if (name != kind.name && (name != "all" || selftest)) continue;
      add(kind);
      found = true;
    }
    if (!found) {
      throw UsageError("--engines: there is no engine '" + name + "'; there are: all" + there);
    }
  }
  if (chosen.empty()) throw UsageError("--engines: the list is empty");
  return chosen;
}

std::string list_of(const std::vector<EngineKind>& engines) {
  std::ostringstream text;
  text << "engines:\n";
  for (const EngineKind& kind : engines) {
    text << "  " << kind.name << "  (" << role_name(kind.role) << ", version " << kind.version
         << ")\n      " << kind.settings << "\n";
  }
  text << "workloads:\n";
  for (const Workload& workload : kWorkloads) {
    text << "  " << workload.name << std::string(18 - std::string(workload.name).size(), ' ')
         << workload.what << "\n";
  }
  return text.str();
}

}  // namespace stave::bench
