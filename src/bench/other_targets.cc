#include "bench/other_targets.h"

#include <algorithm>
#include <cmath>

#include "bench/number_text.h"
#include "bench/targets.h"

namespace stave::bench {
namespace {

// What is over in less was begun, or disturbed, more than measured.
constexpr double kShortSeconds = 0.1;
constexpr char kTooShort[] = "took less than 0.1 s";
// Faster than this, beside what should be no slower: that was disturbed.
constexpr double kImpossible = 1.15;

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
    walks();
    put_latencies();
    openings();
    cold("stave", 1.1);
    cold("stave-positional", 1);
    memory();
    return std::move(table_);
  }

 private:
  const Cell& ours(const char* workload) const { return summary_.at("stave", workload); }

  // A figure that proves nothing stands there, but is neither met nor missed.
  void not_judged(const std::string& why) { table_.rows.back().back() = "not judged: " + why; }
  void not_judged_if(bool unfit, const char* why) {
    if (unfit && table_.rows.back().back().rfind("not", 0) != 0) not_judged(why);
  }

  void row(const std::string& what, const std::string& figure, const std::string& target,
           bool good) {
    table_.rows.push_back({what, figure, target, good ? kMet : kMissed});
  }

  bool at_most(const char* workload, const char* extra, double bound, const std::string& what,
               const char* unit) {
    const Cell& cell = ours(workload);
    if (!cell.has_extra(extra)) return false;
    const double figure = cell.extra(extra);
    row(std::string(workload) + ": " + what, short_number(figure) + unit,
        "at most " + short_number(bound) + unit, figure <= bound);
    return true;
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
    not_judged_if(std::min(many.seconds(), one.seconds()) < kShortSeconds, kTooShort);
    not_judged_if(ratio > 2 * kImpossible, "the one thread was disturbed");
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
    if (at_most("readwhilewriting", "reader_loss_percent", 15, "what the reader loses", " %")) {
      const Cell& cell = ours("readwhilewriting");
      not_judged_if(cell.seconds() < kShortSeconds, kTooShort);
      not_judged_if(cell.extra("reader_loss_percent") < 100 * (1 - kImpossible),
                    "the reader alone was disturbed");
    }
    for (const auto& [extra, what] : {std::pair{"put_p99_ratio", "p99 of puts, of idle"},
                                      std::pair{"get_p99_ratio", "p99 of gets, of idle"}}) {
      if (!at_most("putwhilemerging", extra, 2, what, "x")) continue;
      not_judged_if(ours("putwhilemerging").extra("merge_seconds") < 1,
                    "the merge took less than 1 s");
    }
  }

  void walks() {
    for (const char* peer : {"leveldb", "rocksdb"}) of_peer("readseq", peer, 1);
    of_peer("shortrange", "leveldb", 0.5);
    const Cell& first = ours("scanafterput");
    if (first.has_rate()) {
      time_at_most("scanafterput", "a first record after a fill", 1 / first.rate(), 50e-3);
    }
  }

  void of_peer(const char* workload, const std::string& peer, double factor) {
    const Cell& mine = ours(workload);
    const Cell& theirs = summary_.at(peer, workload);
    if (!mine.has_rate() || !theirs.has_rate()) return;
    const double ratio = mine.rate() / theirs.rate();
    row(std::string(workload) + ": of " + peer, short_number(ratio) + "x",
        "at least " + short_number(factor) + "x", ratio >= factor);
    not_judged_if(std::min(mine.seconds(), theirs.seconds()) < kShortSeconds, kTooShort);
  }

  void put_latencies() {
    constexpr double kRareNs = 10e3;
    constexpr uint64_t kPutsMin = 10000;  // with fewer, p99.9 is a handful of puts
    first_put();
    longest_put("fillrandom", false);
    const Result& timed = ours("overwrite").timed;
    if (timed.latency_ns.empty()) return;
    const auto rare = static_cast<double>(timed.latency(0.999));
    row("overwrite: p99.9 of puts", short_time(rare), "at most " + short_time(kRareNs),
        rare <= kRareNs);
    not_judged_if(timed.ops < kPutsMin, "fewer than 10000 puts");
    longest_put("overwrite", true);
  }

  // It makes the store's files and waits for the device several times.
  void first_put() {
    const auto first = ours("fillrandom").timed.extra.find("first_put_ns");
    if (first == ours("fillrandom").timed.extra.end()) return;
    row("fillrandom: the first put", short_time(first->second), "-", true);
    not_judged("it makes the store's files");
  }

  struct LongPut {
    double ns = 0;
    double number = 0;
  };
  LongPut longest_of(const std::string& engine, const char* workload, bool with_first) const {
    const std::map<std::string, double>& extra = summary_.at(engine, workload).timed.extra;
    if (extra.count("longest_later_put_ns") == 0) return {};
    if (with_first && extra.at("first_put_ns") > extra.at("longest_later_put_ns")) {
      return {extra.at("first_put_ns"), 1};
    }
    return {extra.at("longest_later_put_ns"), extra.at("longest_later_put")};
  }

  void longest_put(const char* workload, bool with_first) {
    constexpr double kLongestNs = 5e6;
    const LongPut longest = longest_of("stave", workload, with_first);
    if (longest.ns == 0) return;
    // What strikes the limits, too, is the machine's.
    double theirs = 0;
    for (const EngineKind& kind : summary_.engines()) {
      if (kind.role != EngineKind::Role::limit) continue;
      theirs = std::max(theirs, longest_of(kind.name, workload, with_first).ns);
    }
    std::string target = "at most " + short_time(kLongestNs);
    if (theirs > 0) target += ", or as the limits: " + short_time(theirs);
    row(std::string(workload) + ": the longest put" + (with_first ? "" : " but the first") +
            ", number " + std::to_string(std::llround(longest.number)) + " of " +
            std::to_string(ours(workload).timed.ops),
        short_time(longest.ns), target, longest.ns <= std::max(kLongestNs, theirs));
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
      not_judged_if(keys < kFewKeys, "too few keys");
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
    not_judged_if(!cell.note.empty(), "not cold");
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

Table other_targets(const Summary& summary) { return OtherTargets(summary).table(); }

}  // namespace stave::bench
