#include "bench/environment.h"

#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace stave::bench {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  utsname system;
  return uname(&system) == 0 ? system.machine : "unknown";
}

std::string utc_date() {
  std::array<char, 64> text{};
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return text.data();
}

// The mount with the longest path that `dir` lies below.
std::string file_system_of(const std::string& dir) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(dir, error).string() + "/";
  std::ifstream mounts("/proc/self/mounts");
  std::string line;
  std::string best;
  size_t longest = 0;
  while (std::getline(mounts, line)) {
    std::istringstream fields(line);
    std::string device;
    std::string place;
    std::string type;
    fields >> device >> place >> type;
    const std::string below = place == "/" ? place : place + "/";
    if (path.rfind(below, 0) == 0 && below.size() >= longest) {
      longest = below.size();
      best = type + " on " + device;
    }
  }
  return best.empty() ? "unknown" : best;
}

std::string build_kind() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return "with a sanitizer: figures mean nothing";
#elif defined(__OPTIMIZE__) && defined(NDEBUG)
  return "optimised";
#elif defined(__OPTIMIZE__)
  return "optimised, with assertions";
#else
  return "not optimised: figures mean nothing";
#endif
}

}  // namespace

Environment look_around(const std::string& data_dir) {
  Environment here;
  here.date = utc_date();
  here.cpu = cpu_model();
  here.cores = std::thread::hardware_concurrency();
  struct sysinfo system;
  if (sysinfo(&system) == 0) here.memory_bytes = system.totalram * system.mem_unit;
  utsname name;
  if (uname(&name) == 0) here.kernel = std::string(name.sysname) + " " + name.release;
  here.file_system = file_system_of(data_dir);
#if defined(__clang__)
  here.compiler = __VERSION__;
#else
  here.compiler = "gcc " __VERSION__;
#endif
  here.build = build_kind();
  return here;
}

nlohmann::ordered_json to_json(const Environment& here, const Settings& settings,
                               const std::vector<EngineKind>& engines) {
  nlohmann::ordered_json json = {{"type", "environment"},
                                 {"date", here.date},
                                 {"cpu", here.cpu},
                                 {"cores", here.cores},
                                 {"memory_bytes", here.memory_bytes},
                                 {"kernel", here.kernel},
                                 {"file_system", here.file_system},
                                 {"compiler", here.compiler},
                                 {"build", here.build},
                                 {"num_ops", settings.num_ops},
                                 {"key_size", settings.key_size},
                                 {"value_size", settings.value_size},
                                 {"threads", settings.threads},
                                 {"repeat", settings.repeat},
                                 {"seed", settings.seed},
                                 {"interleaved", !settings.one_at_a_time}};
  for (const EngineKind& kind : engines) {
    json["engines"].push_back({{"name", kind.name},
                               {"role", role_name(kind.role)},
                               {"version", kind.version},
                               {"settings", kind.settings}});
  }
  return json;
}

}  // namespace stave::bench
