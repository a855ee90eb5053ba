#include "bench/program.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/environment.h"
#include "bench/error.h"
#include "bench/html_report.h"
#include "bench/interrupt.h"
#include "bench/session.h"
#include "bench/space_check.h"
#include "bench/summary.h"
#include "bench/text_report.h"

namespace stave::bench {
namespace {

using Json = nlohmann::ordered_json;

// A file that is opened before hours of work, not after them. What stood there stays until the
// first write.
class LateFile {
 public:
  LateFile(const std::string& flag, std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    const std::ofstream tried(path_, std::ios::binary | std::ios::app);
    if (!tried) throw UsageError(flag + ": cannot write to " + path_ + ": name another file");
  }
  bool wanted() const { return !path_.empty(); }
  void write(const std::string& text) {
    if (!file_.is_open()) file_.open(path_, std::ios::binary | std::ios::trunc);
    file_ << text << std::flush;
    if (!file_) throw Error(path_ + ": writing failed");
  }

 private:
  std::string path_;
  std::ofstream file_;
};

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void warn(const Settings& settings, const std::string& what) {
  if (what.empty()) return;
  std::fprintf(stderr, "%s: warning: %s\n", settings.program.c_str(), what.c_str());
}

std::string how_it_ended(const Interrupted& signal, const Session& session) {
  return std::string("Interrupted by ") + signal.signal_name() + ": " +
         std::to_string(session.finished()) + " of " + std::to_string(session.steps()) +
         " measurements were finished; the tables hold these alone";
}

}  // namespace

bool run_program(const Program& program) {
  const Settings& settings = program.settings;
  if (settings.list) {
    program.out(list_of(choose_engines(program.known, settings.engines)));
    return true;
  }
  check_settings(settings);
  const std::vector<EngineKind> engines = choose_engines(program.known, settings.engines);
  const std::vector<Workload> workloads = parse_workloads(settings.workloads);
  warn(settings, space_warning(settings, engines, free_bytes_of(settings.data_dir)));
  const bool json_to_out = program.json_to_out || settings.json_file == "-";
  LateFile json_file("--json", settings.json_file == "-" ? "" : settings.json_file);
  LateFile html_file("--html", settings.html_file);
  auto emit = [&](const Json& json) {
    if (json_to_out) program.out(line_of(json));
    if (json_file.wanted()) json_file.write(line_of(json));
  };

  std::optional<InterruptGuard> guard(std::in_place);
  Session session(settings, engines, workloads);
  const Environment here = look_around(settings.data_dir);
  Summary summary(engines, workloads, settings.num_ops);
  std::optional<Interrupted> interrupted;
  emit(to_json(here, settings, engines));
  try {
    session.run([&](const Result& result) {
      summary.add(result);
      emit(to_json(result));
    });
  } catch (const Interrupted& signal) {
    interrupted = signal;
    emit({{"type", "interrupted"},
          {"signal", signal.signal_name()},
          {"results", session.finished()},
          {"results_wanted", session.steps()}});
  }
  guard.reset();  // who reads the tables slowly, through a pipe, may still end this
  const std::string ending = interrupted ? how_it_ended(*interrupted, session) : "";
  if (!json_to_out) {
    program.out(environment_text(here, settings) + (ending.empty() ? "" : ending + "\n\n"));
    program.out(program.compare ? comparison_text(summary) : results_text(summary));
    for (const std::string& error : summary.errors()) program.out("failed: " + error + "\n");
  }
  if (html_file.wanted()) html_file.write(html_report(here, settings, summary, ending));
  if (interrupted) throw Interrupted(*interrupted);
  return summary.errors().empty();
}

}  // namespace stave::bench
