// The workloads that compare latencies in two states of one store. They read the clock in every
// round: the percentiles are their figures.
#include <algorithm>

#include "bench/beside.h"
#include "bench/runner.h"

namespace stave::bench {
namespace {

constexpr uint64_t kOpsMin = 64;

// Latencies of puts and gets, apart.
struct Apart {
  Histogram put;
  Histogram get;

  // Runs `op`, which says whether it was a put, `ops` times, or until `more` says no: some times
  // in any case, or a small store's merge would end before the first.
  template <typename Op, typename More>
  void repeat(Hand& hand, uint64_t ops, Op op, More more) {
    uint64_t last = hand.began_ns = now_ns();
    while (hand.done < ops && (hand.done < kOpsMin || more())) {
      const bool was_put = op();
      const uint64_t now = now_ns();
      (was_put ? put : get).add(now - last);
      last = now;
      ++hand.done;
    }
    hand.ended_ns = last;
    hand.latency.merge(put);
    hand.latency.merge(get);
  }
};

constexpr std::pair<const char*, double> kPercentiles[] = {
    {"_p50", 0.5}, {"_p99", 0.99}, {"_p999", 0.999}, {"_max", 1}};

// NAME_p99_ns now, REFERENCE_NAME_p99_ns, and the one as a multiple of the other.
void note(Result& result, const std::string& name, const Histogram& now,
          const std::string& reference, const Histogram& then) {
  for (const auto& [suffix, share] : kPercentiles) {
    const auto bound = static_cast<double>(now.percentile(share));
    const auto other = static_cast<double>(then.percentile(share));
    result.extra[name + suffix + "_ns"] = bound;
    result.extra[reference + "_" + name + suffix + "_ns"] = other;
    if (other > 0) result.extra[name + suffix + "_ratio"] = bound / other;
  }
}

}  // namespace

void Runner::put_beside_merge(const Workload& workload, bool timed, Result& result) {
  engine_->merge();  // so that no merge begins by itself in the idle part
  auto mixed = [&](Hand& mine, Apart& apart, uint64_t ops, auto more) {
    auto op = [&] {
      const uint64_t record = mine.random.below(contents_.count);
      const bool puts = mine.random.below(100) >= workload.read_percent;
      if (puts) mine.put(record, contents_.newest);
      if (!puts) mine.get(record, contents_.oldest, contents_.newest);
      return puts;
    };
    apart.repeat(mine, ops, op, more);
  };
  contents_.newest = next_version();
  touch(records_);
  Hand idle = hand(true, 1);
  Apart idle_apart;
  mixed(idle, idle_apart, records_, [] { return true; });

  // All again, so that there is something to merge and every older value is a wrong one.
  contents_.newest = next_version();
  touch(contents_.count + records_);
  Hand writer = hand(false);
  Stride stride(contents_.count);
  writer.repeat(contents_.count, [&](uint64_t) { writer.put(stride.next(), contents_.newest); });
  contents_.oldest = contents_.newest;
  Hand mine = hand(true, 2);
  Apart apart;
  Hand merger = hand(false, 3);
  uint64_t merged_bytes = 0;
  Beside beside([&](const std::atomic<bool>&) {
    merger.repeat(1, [&](uint64_t) { merged_bytes = merger.engine.merge_capped(); });
  });
  mixed(mine, apart, records_, [&] { return !beside.ended(); });
  beside.join();
  conclude({&mine, 1}, timed, result);
  note(result, "put", apart.put, "idle", idle_apart.put);
  note(result, "get", apart.get, "idle", idle_apart.get);
  result.extra["idle_per_second"] = static_cast<double>(idle.done) / seconds_of({&idle, 1});
  result.extra["merge_seconds"] = seconds_of({&merger, 1});
  if (merged_bytes > 0) result.extra["merge_bytes"] = static_cast<double>(merged_bytes);
  audit();
}

void Runner::put_after_open(bool timed, Result& result) {
  const uint64_t ops = std::max<uint64_t>(1, contents_.count / 10);
  auto overwrite_some = [&](Hand& mine) {
    const uint8_t version = next_version();
    mine.repeat(ops, [&](uint64_t) { mine.put(mine.random.below(contents_.count), version); });
    contents_.newest = version;
  };
  touch(ops);
  Hand settled = hand(true, 1);
  overwrite_some(settled);
  close();
  touch(ops);
  Hand opener = hand(false);
  opener.repeat(1, [&](uint64_t) { open("main"); });
  Hand mine = hand(true, 2);
  overwrite_some(mine);
  conclude({&mine, 1}, timed, result);
  note(result, "put", mine.latency, "settled", settled.latency);
  result.extra["settled_per_second"] = static_cast<double>(ops) / seconds_of({&settled, 1});
  result.extra["open_seconds"] = seconds_of({&opener, 1});
  audit();
}

}  // namespace stave::bench
