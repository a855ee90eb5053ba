#include "bench/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "bench/error.h"
#include "bench/memory_group.h"
#include "bench/name_list.h"
#include "bench/records.h"
#include "bench/workload.h"

namespace stave::bench {
namespace {

constexpr uint64_t kOpsMax = 4000000000;  // picks are 32 bits
constexpr uint64_t kBytesMax = 16ULL << 30;

// CLI11 would print "UINT:UINT in [8 - 1024]=16".
template <typename Number>
void add_number(CLI::App& app, const std::string& flag, Number& number, const std::string& what,
                Number least, Number most) {
  CLI::Range range(least, most);
  range.description("");
  app.add_option(flag, number,
                 what + ", " + std::to_string(least) + " to " + std::to_string(most) +
                     " (default " + std::to_string(number) + ")")
      ->type_name("N")
      ->check(range);
}

void add_text(CLI::App& app, const std::string& flag, std::string& text, const std::string& type,
              const std::string& what) {
  const std::string given = text.empty() ? "" : " (default " + text + ")";
  app.add_option(flag, text, what + given)->type_name(type);
}

// How long it takes, nobody can say beforehand; how much it is, and what makes it less.
std::string length_of_a_run(const Settings& s, const std::vector<EngineKind>& known) {
  const size_t engines = choose_engines(known, s.engines).size();
  const size_t workloads = parse_workloads(s.workloads).size();
  const size_t rounds = s.repeat + (s.latency ? 1 : 0);
  return "A run of the defaults is " + std::to_string(rounds) + " rounds of " +
         std::to_string(workloads) + " workloads on " + std::to_string(engines) +
         " engines: " + std::to_string(rounds * workloads * engines) +
         " measurements.\nHow long that takes depends on the machine and the disk.\n"
         "--num-ops 100000, --workloads, --repeat 1, --no-latency and --engines make it "
         "shorter.";
}

}  // namespace

void declare_flags(CLI::App& app, Settings& s, const std::vector<EngineKind>& known) {
  add_number(app, "--num-ops", s.num_ops, "Records, and operations of most workloads", uint64_t{1},
             kOpsMax);
  add_number(app, "--key-size", s.key_size, "Bytes of a key", kKeySizeMin, kKeySizeMax);
  add_number(app, "--value-size", s.value_size, "Bytes of a value", kValueSizeMin, kValueSizeMax);
  add_number(app, "--threads", s.threads, "Threads of readthreads", 1u, 256u);
  add_number(app, "--repeat", s.repeat, "Rounds, each on fresh stores; the median counts", 1u,
             100u);
  app.add_option("--seed", s.seed,
                 "Seed of keys, values and picks (default " + std::to_string(s.seed) + ")")
      ->type_name("N");
  add_text(app, "--data-dir", s.data_dir, "DIR", "Where to make the stores (removed at the end)");
  add_text(app, "--engines", s.engines, "LIST", "Names with commas between, or all");
  add_text(app, "--workloads", s.workloads, "LIST", "Names with commas between, core or all");
  add_text(app, "--json", s.json_file, "FILE",
           "Write JSON lines to this file; - is standard output, instead of the tables");
  add_text(app, "--html", s.html_file, "FILE", "Write a report with charts to this file");
  add_text(app, "--memory-group", s.memory_group, "DIR",
           "A cgroup to make groups in: coldread has a quarter of its data as memory");
  auto no_latency = [&s](int64_t) { s.latency = false; };
  app.add_flag_function("--no-latency", no_latency, "Leave out the round that measures latencies");
  app.add_flag("--one-at-a-time", s.one_at_a_time,
               "All workloads on one engine, then the next engine (for stores that do not fit "
               "into memory together)");
  app.add_flag("--list", s.list, "List engines (those of --engines) and workloads");
  const std::string above = app.get_footer();
  app.footer(length_of_a_run(s, known) + (above.empty() ? "" : "\n" + above));
}

void check_settings(const Settings& s) {
  if (s.num_ops * (s.key_size + s.value_size) > kBytesMax) {
    throw UsageError(
        "--num-ops, --key-size and --value-size make more than 16 GiB a store: lower "
        "one of them");
  }
  if (s.data_dir.empty()) {
    // A script's unset variable, most likely.
    throw UsageError("--data-dir is empty: name a directory");
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

namespace {

std::vector<std::string> names_of(const std::vector<EngineKind>& known) {
  std::vector<std::string> names = {"all"};
  for (const EngineKind& kind : known) {
    if (kind.role != EngineKind::Role::selftest) names.push_back(kind.name);
  }
  return names;
}

}  // namespace

std::vector<EngineKind> choose_engines(const std::vector<EngineKind>& known,
                                       const std::string& names) {
  std::vector<EngineKind> chosen;
  auto add = [&chosen](const EngineKind& kind) {
    auto same = [&kind](const EngineKind& other) { return other.name == kind.name; };
    if (std::none_of(chosen.begin(), chosen.end(), same)) chosen.push_back(kind);
  };
  for (const std::string& name : split_names("--engines", names)) {
    bool found = false;
    for (const EngineKind& kind : known) {
      const bool selftest = kind.role == EngineKind::Role::selftest;
      if (name != kind.name && (name != "all" || selftest)) continue;
      add(kind);
      found = true;
    }
    if (!found) unknown_name("--engines", "engine", name, names_of(known));
  }
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
