#include "bench/targets.h"

#include <algorithm>

#include "bench/number_text.h"

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

// The targets that are no ratio of rates to the best peer and the limit, each as a row.
class OtherTargets {
 public:
  explicit OtherTargets(const Summary& summary) : summary_(summary) {
    table_.title = "stave against its other targets";
    table_.head = {"", "stave", "target", ""};
  }

  Table table() {
    threads();
    synced("syncput", 1.2, "");
    synced("syncput8", 1.3, "leveldb");
    beside();
    put_latencies();
    openings();
    cold("stave", 1.1);
    cold("stave-positional", 1);
    memory();
    return std::move(table_);
  }

 private:
  const Cell& ours(const char* workload) const { return summary_.at("stave", workload); }

  void row(const std::string& what, const std::string& figure, const std::string& target,
           bool good) {
    table_.rows.push_back({what, figure, target, good ? kMet : kMissed});
  }

  void at_most(const char* workload, const char* extra, double bound, const std::string& what,
               const char* unit) {
    const Cell& cell = ours(workload);
    if (!cell.has_extra(extra)) return;
    const double figure = cell.extra(extra);
    row(std::string(workload) + ": " + what, short_number(figure) + unit,
        "at most " + short_number(bound) + unit, figure <= bound);
  }

  // The target is for two threads: more of them than cores prove nothing.
  void threads() {
    const Cell& many = ours("readthreads");
    const Cell& one = ours("readrandom");
    if (!many.has_rate() || !one.has_rate()) return;
    if (many.rounds.front().ops != 2 * one.rounds.front().ops) return;
    const double ratio = many.rate() / one.rate();
    row("readthreads: 2 threads, of readrandom", short_number(ratio) + "x", "at least 1.9x",
        ratio >= 1.9);
  }

  void synced(const char* workload, double factor, const std::string& peer) {
    const double rate = ours(workload).rate();
    const Standing at = standing(summary_, workload);
    const std::string other = peer.empty() ? at.best_peer : peer;
    const double theirs = other.empty() ? 0 : summary_.at(other, workload).rate();
    if (rate == 0 || theirs == 0) return;
    row(std::string(workload) + ": of " + other, short_number(rate / theirs) + "x",
        "at least " + short_number(factor) + "x", rate / theirs >= factor);
  }

  void beside() {
    at_most("readwhilewriting", "reader_loss_percent", 15, "what the reader loses", " %");
    at_most("putwhilemerging", "put_p99_ratio", 2, "p99 of puts, of idle", "x");
    at_most("putwhilemerging", "get_p99_ratio", 2, "p99 of gets, of idle", "x");
  }

  void put_latencies() {
    constexpr double kRareNs = 10e3;
    constexpr double kLongestNs = 5e6;
    const Result& timed = ours("overwrite").timed;
    if (timed.latency_ns.empty()) return;
    const auto rare = static_cast<double>(timed.latency(0.999));
    row("overwrite: p99.9 of puts", short_time(rare), "at most " + short_time(kRareNs),
        rare <= kRareNs);
    // What strikes the limits, too, is the machine's.
    double theirs = 0;
    for (const EngineKind& kind : summary_.engines()) {
      if (kind.role != EngineKind::Role::limit) continue;
      const Result& other = summary_.at(kind.name, "overwrite").timed;
      theirs = std::max(theirs, static_cast<double>(other.latency(1)));
    }
    const auto longest = static_cast<double>(timed.latency(1));
    std::string target = "at most " + short_time(kLongestNs);
    if (theirs > 0) target += ", or as the limits: " + short_time(theirs);
    row("overwrite: the longest put", short_time(longest), target,
        longest <= std::max(kLongestNs, theirs));
  }

  void openings() {
    time_at_most("openclean", "open after a close", ours("openclean").extra("open_seconds"), 5e-3);
    const Cell& killed = ours("openkilled");
    // Seconds for each million.
    const double bound =
        (0.1 * killed.extra("keys_in_unsealed_files") + 0.03 * killed.extra("keys_in_hints")) *
        1e-6;
    if (bound > 0) {
      time_at_most("openkilled", "open after a kill", killed.extra("open_seconds"), bound);
      // A file to seal and a directory to sync cost the same for one key and for a million.
      constexpr double kFewKeys = 1e6;
      const double keys = killed.extra("keys_in_unsealed_files") + killed.extra("keys_in_hints");
      if (keys < kFewKeys) table_.rows.back().back() = "too few keys";
    }
    const Cell& closed = ours("close");
    if (closed.has_rate()) time_at_most("close", "close after a fill", 1 / closed.rate(), 0.5);
  }

  void time_at_most(const char* workload, const char* what, double seconds, double bound) {
    const Cell& cell = ours(workload);
    if (!cell.has_rate()) return;
    row(std::string(workload) + ": " + what + ", " + std::to_string(cell.records()) + " records",
        short_time(seconds * 1e9), "at most " + short_time(bound * 1e9), seconds <= bound);
  }

  void cold(const char* engine, double bound) {
    const Cell& cell = summary_.at(engine, "coldread");
    if (!cell.has_extra("device_reads_per_get")) return;
    const double reads = cell.extra("device_reads_per_get");
    row(std::string("coldread: device reads per get, ") + engine, short_number(reads),
        "at most " + short_number(bound), reads <= bound);
    if (!cell.note.empty()) table_.rows.back().back() = "not cold";
  }

  void memory() {
    const Cell& fill = ours("fillrandom");
    if (!fill.has_rate()) return;
    const double bound = 20.0 * static_cast<double>(fill.records()) + (32u << 20);
    const double held = fill.extra("anonymous_bytes");
    row("fillrandom: memory of the process", short_bytes(held),
        "at most " + short_bytes(bound) + ": 20 B a key and 32 MiB", held <= bound);
  }

  const Summary& summary_;
  Table table_;
};

}  // namespace

std::vector<Table> target_tables(const Summary& summary) {
  std::vector<Table> tables;
  for (Table& table : std::vector<Table>{rate_targets(summary), OtherTargets(summary).table()}) {
    if (!table.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace stave::bench
