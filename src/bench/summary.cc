#include "bench/summary.h"

#include <algorithm>

namespace stave::bench {
namespace {

double median(std::vector<double> figures) {
  if (figures.empty()) return 0;
  std::sort(figures.begin(), figures.end());
  const size_t middle = figures.size() / 2;
  if (figures.size() % 2 == 1) return figures[middle];
  return (figures[middle - 1] + figures[middle]) / 2;
}

}  // namespace

double Cell::rate() const {
  std::vector<double> rates;
  for (const Result& result : rounds) rates.push_back(result.rate());
  return median(std::move(rates));
}

double Cell::seconds() const {
  std::vector<double> times;
  for (const Result& result : rounds) times.push_back(result.seconds);
  return median(std::move(times));
}

double Cell::comparable_rate() const { return note.empty() ? rate() : 0; }

bool Cell::has_extra(const std::string& name) const {
  return !rounds.empty() && rounds.front().extra.count(name) > 0;
}

double Cell::extra(const std::string& name) const {
  std::vector<double> figures;
  for (const Result& result : rounds) {
    const auto found = result.extra.find(name);
    if (found != result.extra.end()) figures.push_back(found->second);
  }
  return median(std::move(figures));
}

void Summary::add(const Result& result) {
  Cell& cell = cells_[{result.engine, result.workload}];
  if (!result.ran()) {
    cell.note = result.error.empty() ? result.skipped : "failed";
    if (!result.error.empty()) {
      errors_.push_back(result.engine + ", " + result.workload + ": " + result.error);
    }
  } else if (result.latency_pass) {
    cell.timed = result;
  } else {
    cell.rounds.push_back(result);
    if (!result.note.empty()) cell.note = result.note;
  }
}

const Cell& Summary::at(const std::string& engine, const std::string& workload) const {
  static const Cell kNothing;
  const auto found = cells_.find({engine, workload});
  return found == cells_.end() ? kNothing : found->second;
}

bool Summary::has(const std::string& workload) const {
  return std::any_of(engines_.begin(), engines_.end(),
                     [&](const EngineKind& kind) { return at(kind.name, workload).has_rate(); });
}

Standing standing(const Summary& summary, const std::string& workload) {
  Standing found;
  for (const EngineKind& kind : summary.engines()) {
    const double rate = summary.at(kind.name, workload).comparable_rate();
    if (kind.name == "stave") found.ours = rate;
    if (kind.name == "limit-mapping") found.limit = rate;
    if (kind.name == "limit-honest") found.honest = rate;
    if (kind.role == EngineKind::Role::peer && rate > found.peer) {
      found.peer = rate;
      found.best_peer = kind.name;
    }
  }
  return found;
}

}  // namespace stave::bench
