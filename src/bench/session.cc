#include "bench/session.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "bench/error.h"
#include "bench/interrupt.h"

namespace stave::bench {
namespace {

// A directory for the stores, removed at the end, also after an error.
class WorkDir {
 public:
  explicit WorkDir(const std::string& parent) : path_(parent + "/stave-bench.XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw_errno(path_);
  }
  ~WorkDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkDir(const WorkDir&) = delete;
  WorkDir& operator=(const WorkDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Clears the progress line, whatever happens.
class ProgressEnd {
 public:
  explicit ProgressEnd(bool shown) : shown_(shown) {}
  ~ProgressEnd() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }
  ProgressEnd(const ProgressEnd&) = delete;
  ProgressEnd& operator=(const ProgressEnd&) = delete;

 private:
  bool shown_;
};

bool progress_wanted(const Settings& settings) { return !settings.quiet && isatty(STDERR_FILENO); }

}  // namespace

Session::Session(const Settings& settings, const std::vector<EngineKind>& engines,
                 const std::vector<Workload>& workloads)
    : settings_(settings), engines_(engines), workloads_(workloads) {
  for (const EngineKind& kind : engines_) {
    if (settings_.key_size > kind.key_size_max) {
      throw UsageError("--key-size: " + kind.name + " takes keys of at most " +
                       std::to_string(kind.key_size_max) + " bytes: leave it out by --engines");
    }
  }
}

void Session::run(const Sink& sink) {
  const WorkDir work(settings_.data_dir);
  const ProgressEnd end(progress_wanted(settings_));
  dir_ = work.path();
  const unsigned rounds = settings_.repeat + (settings_.latency ? 1 : 0);
  steps_ = rounds * engines_.size() * workloads_.size();
  began_ns_ = now_ns();
  for (unsigned round = 0; round < rounds; ++round) {
    const Step step{round, round >= settings_.repeat};
    std::vector<const EngineKind*> group;
    for (size_t i = 0; i < engines_.size(); ++i) {
      group.push_back(&engines_[(i + round) % engines_.size()]);
    }
    std::erase_if(group, [this](const EngineKind* kind) {
      return std::find(failed_.begin(), failed_.end(), kind->name) != failed_.end();
    });
    if (!settings_.one_at_a_time) {
      run_round(step, group, sink);
    } else {
      for (const EngineKind* kind : group) run_round(step, {kind}, sink);
    }
  }
}

void Session::run_round(const Step& step, const std::vector<const EngineKind*>& group,
                        const Sink& sink) {
  std::vector<Runner> runners;
  for (const EngineKind* kind : group) {
    const std::string dir = dir_ + "/" + kind->name;
    std::filesystem::create_directories(dir);
    runners.push_back({kind, dir, std::make_unique<Child>(*kind, settings_, dir)});
  }
  for (const Workload& workload : workloads_) {
    for (Runner& runner : runners) {
      show(step, workload.name, runner.kind->name);
      ++done_;
      if (!runner.child) continue;
      sink(run_one(step, runner, workload));
      ++finished_;
    }
  }
  for (Runner& runner : runners) {
    quit(step, runner, sink);
    std::filesystem::remove_all(runner.dir);
  }
}

Result Session::run_one(const Step& step, Runner& runner, const Workload& workload) {
  Result result;
  try {
    result = runner.child->run(workload, step.timed);
  } catch (const WrongAnswer& wrong) {
    throw WrongAnswer(runner.kind->name + ", " + workload.name + ": wrong answer: " + wrong.what());
  } catch (const Error& error) {
    result.engine = runner.kind->name;
    result.workload = workload.name;
    result.latency_pass = step.timed;
    result.error = error.what();
    failed_.push_back(runner.kind->name);
    runner.child.reset();
  }
  result.round = step.round;
  return result;
}

void Session::quit(const Step& step, Runner& runner, const Sink& sink) {
  if (!runner.child) return;
  try {
    runner.child->quit();
  } catch (const Error& error) {
    Result result;
    result.engine = runner.kind->name;
    result.workload = "close";
    result.round = step.round;
    result.error = error.what();
    failed_.push_back(runner.kind->name);
    sink(result);
  }
  runner.child.reset();
}

void Session::show(const Step& step, const std::string& workload, const std::string& engine) {
  if (!progress_wanted(settings_)) return;
  constexpr size_t kCells = 24;
  const size_t full = done_ * kCells / steps_;
  const double elapsed = static_cast<double>(now_ns() - began_ns_) * 1e-9;
  std::string left;
  if (done_ > 0) {
    const double each = elapsed / static_cast<double>(done_);
    const auto seconds = static_cast<unsigned>(each * static_cast<double>(steps_ - done_));
    char text[48];
    std::snprintf(text, sizeof text, "  about %u:%02u left", seconds / 60, seconds % 60);
    left = text;
  }
  std::fprintf(stderr, "\r\x1b[K[%s%s] %zu/%zu  %s %u  %s, %s%s", std::string(full, '#').c_str(),
               std::string(kCells - full, '.').c_str(), done_, steps_,
               step.timed ? "latency round" : "round", step.round + 1, workload.c_str(),
               engine.c_str(), left.c_str());
  std::fflush(stderr);
}

}  // namespace stave::bench
