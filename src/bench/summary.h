// All results of a run, by engine and workload: the median of the rounds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/engine.h"
#include "bench/result.h"
#include "bench/settings.h"
#include "bench/workload.h"

namespace stave::bench {

struct Cell {
  std::vector<Result> rounds;  // throughput rounds
  Result timed;                // the round with a clock; its `workload` is empty if there was none
  std::string note;            // why there is no figure, or none to compare

  bool has_rate() const { return !rounds.empty(); }
  double rate() const;                          // median; 0 if there is none
  double comparable_rate() const;               // 0 if it is not to be compared, too
  double extra(const std::string& name) const;  // median; 0 if there is none
  bool has_extra(const std::string& name) const;
  double seconds() const;  // median
  uint64_t records() const { return rounds.empty() ? 0 : rounds.front().records; }
};

class Summary {
 public:
  Summary(const std::vector<EngineKind>& engines, const std::vector<Workload>& workloads,
          uint64_t records_wanted)
      : engines_(engines), workloads_(workloads), records_wanted_(records_wanted) {}

  void add(const Result& result);
  // Never fails: an empty cell where nothing ran.
  const Cell& at(const std::string& engine, const std::string& workload) const;
  bool has(const std::string& workload) const;  // any engine has a rate

  const std::vector<EngineKind>& engines() const { return engines_; }
  const std::vector<Workload>& workloads() const { return workloads_; }
  const std::vector<std::string>& errors() const { return errors_; }
  uint64_t records_wanted() const { return records_wanted_; }  // some engines take fewer

 private:
  const std::vector<EngineKind>& engines_;
  const std::vector<Workload>& workloads_;
  uint64_t records_wanted_;
  std::map<std::pair<std::string, std::string>, Cell> cells_;
  std::vector<std::string> errors_;
};

// The rates in one workload that stave is measured by; 0 where the engines were not in the run.
struct Standing {
  double ours = 0;
  std::string best_peer;
  double peer = 0;
  double limit = 0;
  double honest = 0;
};
Standing standing(const Summary& summary, const std::string& workload);

}  // namespace stave::bench
