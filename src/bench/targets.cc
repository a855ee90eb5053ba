#include "bench/targets.h"

#include <algorithm>

#include "bench/number_text.h"
#include "bench/other_targets.h"

namespace stave::bench {
namespace {

constexpr double kPeerFactor = 1.5;
constexpr double kLimitFactor = 0.8;

// The columns that the target of rates is for; the other workloads have targets of their own, or
// none.
constexpr const char* kRated[] = {"fillrandom",  "overwrite", "readrandom",
                                  "readmissing", "mix",       "deleterandom"};

double target_rate(const Standing& at) {
  if (at.peer == 0) return at.limit * kLimitFactor;
  if (at.limit == 0) return at.peer * kPeerFactor;
  return std::min(at.peer * kPeerFactor, at.limit * kLimitFactor);
}

std::string over(double a, double b) { return b > 0 ? short_number(a / b) : "-"; }

std::string thousands(double rate) { return rate > 0 ? short_number(rate / 1000) : "-"; }

std::string rate_title(bool peers, bool limits) {
  if (!peers) return "stave against its target, 0.8 x limit-mapping (no peer in this run)";
  if (!limits) return "stave against its target, 1.5 x best peer (no limit-mapping in this run)";
  return "stave against its target, the smaller of 1.5 x best peer and 0.8 x limit-mapping";
}

Table rate_targets(const Summary& summary) {
  std::vector<std::pair<std::string, Standing>> found;
  for (const char* workload : kRated) {
    const Standing at = standing(summary, workload);
    if (at.ours > 0 && target_rate(at) > 0) found.emplace_back(workload, at);
  }
  auto any = [&found](double Standing::*figure) {
    return std::any_of(found.begin(), found.end(),
                       [figure](const auto& row) { return row.second.*figure > 0; });
  };
  const bool peers = any(&Standing::peer);
  const bool limits = any(&Standing::limit);
  const bool honest = any(&Standing::honest);
  Table table;
  table.title = rate_title(peers, limits);
  table.head = {"", "stave k/s"};
  if (peers) table.head.insert(table.head.end(), {"best peer", "k/s", "stave/peer"});
  table.head.insert(table.head.end(), {"target k/s", "stave/target"});
  if (limits) table.head.emplace_back("stave/limit");
  if (honest) table.head.emplace_back("stave/honest");
  for (const auto& [workload, at] : found) {
    std::vector<std::string> row = {workload, thousands(at.ours)};
    if (peers) {
      row.push_back(at.peer > 0 ? at.best_peer : "-");
      row.push_back(thousands(at.peer));
      row.push_back(over(at.ours, at.peer));
    }
    row.push_back(thousands(target_rate(at)));
    row.push_back(over(at.ours, target_rate(at)));
    if (limits) row.push_back(over(at.ours, at.limit));
    if (honest) row.push_back(over(at.ours, at.honest));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::vector<Table> target_tables(const Summary& summary) {
  std::vector<Table> tables;
  for (Table& table : std::vector<Table>{rate_targets(summary), other_targets(summary)}) {
    if (!table.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace stave::bench
