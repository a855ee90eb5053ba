#include "bench/session.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "bench/error.h"
#include "bench/interrupt.h"
#include "bench/progress.h"
#include "bench/store_removal.h"

namespace stave::bench {
namespace {

// A directory for the stores, removed at the end, also after an error.
class WorkDir {
 public:
  explicit WorkDir(const Settings& settings)
      : path_(settings.data_dir + "/stave-bench.XXXXXX"), program_(settings.program) {
    if (mkdtemp(path_.data()) == nullptr) throw_errno(path_);
  }
  ~WorkDir() {
    remove_stores(path_, [this] { return say_removing(program_); });
  }
  WorkDir(const WorkDir&) = delete;
  WorkDir& operator=(const WorkDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  const std::string& program_;
};

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
  const WorkDir work(settings_);
  dir_ = work.path();
  const unsigned rounds = settings_.repeat + (settings_.latency ? 1 : 0);
  steps_ = rounds * engines_.size() * workloads_.size();
  const Progress progress(!settings_.quiet && isatty(STDERR_FILENO), steps_);
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
      run_round(step, group, progress, sink);
    } else {
      for (const EngineKind* kind : group) run_round(step, {kind}, progress, sink);
    }
  }
}

void Session::run_round(const Step& step, const std::vector<const EngineKind*>& group,
                        const Progress& progress, const Sink& sink) {
  std::vector<Runner> runners;
  for (const EngineKind* kind : group) {
    const std::string dir = dir_ + "/" + kind->name;
    std::filesystem::create_directories(dir);
    runners.push_back({kind, dir, std::make_unique<Child>(*kind, settings_, dir)});
  }
  for (const Workload& workload : workloads_) {
    for (Runner& runner : runners) {
      progress.show(done_, std::string(step.timed ? "latency round " : "round ") +
                               std::to_string(step.round + 1) + "  " + workload.name + ", " +
                               runner.kind->name);
      ++done_;
      if (!runner.child) continue;
      sink(run_one(step, runner, workload));
      ++finished_;
    }
  }
  for (Runner& runner : runners) {
    quit(step, runner, sink);
    // Between two rounds the progress bar is enough.
    progress.show(done_, "removing the store of " + runner.kind->name);
    remove_stores(runner.dir,
                  [this] { return interrupted() != 0 && say_removing(settings_.program); });
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

}  // namespace stave::bench
