// The workloads that are one loop over one store.
#include <span>

#include "bench/runner.h"

namespace stave::bench {
namespace {

// Which put was the longest: the first one of a store makes its files.
void note_longest(const Hand& writer, Result& result) {
  result.extra["first_put_ns"] = static_cast<double>(writer.longest.first_ns);
  result.extra["longest_later_put_ns"] = static_cast<double>(writer.longest.later_ns);
  result.extra["longest_later_put"] = static_cast<double>(writer.longest.later_number + 1);
}

}  // namespace

void Runner::fill(bool timed, KeyOrder order, Result& result) {
  if (contents_.count > 0) throw Error("the store is filled already");
  touch(records_);
  Hand filler = hand(timed, 0, order);
  const uint8_t version = contents_.newest;
  filler.repeat(records_, [&](uint64_t i) { filler.put(i, version); });
  conclude({&filler, 1}, timed, result);
  if (timed) note_longest(filler, result);
  contents_ = {records_, version, version};
  result.records = records_;
  const Resident now = resident();
  const auto anonymous =
      static_cast<double>(now.anonymous - std::min(now.anonymous, anonymous_before_));
  result.extra["anonymous_bytes"] = anonymous;
  result.extra["anonymous_bytes_per_key"] = anonymous / static_cast<double>(records_);
  result.extra["file_bytes_resident"] = static_cast<double>(now.file);
  result.extra["disk_bytes"] = static_cast<double>(disk_usage(store_));
  if (order == KeyOrder::mixed) audit();
}

void Runner::overwrite(bool timed, Result& result) {
  touch(contents_.count);
  const uint8_t version = next_version();
  Hand writer = hand(timed);
  Stride stride(contents_.count);
  writer.repeat(contents_.count, [&](uint64_t) { writer.put(stride.next(), version); });
  conclude({&writer, 1}, timed, result);
  if (timed) note_longest(writer, result);
  contents_.oldest = contents_.newest = version;
  result.extra["disk_bytes"] = static_cast<double>(disk_usage(store_));
  audit();
}

void Runner::read(const Workload& workload, bool timed, Result& result) {
  if (workload.read_percent < 100) touch(records_ / 2);
  const uint8_t oldest = contents_.oldest;
  const bool writes = workload.read_percent < 100;
  const uint8_t newest = writes ? next_version() : contents_.newest;
  const std::vector<uint32_t> drawn = picks(workload);
  const unsigned threads = workload.threads == 0 ? settings_.threads : workload.threads;
  std::vector<Hand> hands;
  for (unsigned i = 0; i < threads; ++i) hands.push_back(hand(timed, i));
  on_threads(hands, [&](Hand& mine, size_t number) {
    size_t at = drawn.size() / threads * number;
    mine.repeat(records_, [&](uint64_t) {
      const uint64_t record = drawn[at];
      if (++at == drawn.size()) at = 0;
      if (!writes || mine.random.below(100) < workload.read_percent) {
        mine.get(record, oldest, newest);
      } else {
        mine.put(record, newest);
      }
    });
  });
  conclude(hands, timed, result);
  contents_.newest = newest;
  if (writes) audit();
}

void Runner::read_latest(const Workload& workload, bool timed, Result& result) {
  touch(records_ / 20);
  const std::vector<uint32_t> drawn = picks(workload);
  const uint64_t before = contents_.count;
  Hand mine = hand(timed);
  size_t at = 0;
  mine.repeat(records_, [&](uint64_t) {
    if (mine.random.below(100) < workload.read_percent) {
      // Picks were drawn for the old end: what was added since moves them with it.
      mine.get(drawn[at] + (contents_.count - before), contents_.oldest, contents_.newest);
      if (++at == drawn.size()) at = 0;
    } else {
      mine.put(contents_.count++, contents_.newest);
    }
  });
  conclude({&mine, 1}, timed, result);
  audit();
}

void Runner::modify(const Workload& workload, bool timed, Result& result) {
  touch(records_ / 2);
  const uint8_t newest = next_version();
  const std::vector<uint32_t> drawn = picks(workload);
  Hand mine = hand(timed);
  size_t at = 0;
  mine.repeat(records_, [&](uint64_t) {
    const uint64_t record = drawn[at];
    if (++at == drawn.size()) at = 0;
    mine.get(record, contents_.oldest, newest);
    if (mine.random.below(100) >= workload.read_percent) mine.put(record, newest);
  });
  conclude({&mine, 1}, timed, result);
  contents_.newest = newest;
  audit();
}

void Runner::read_missing(bool timed, Result& result) {
  Hand mine = hand(timed);
  mine.repeat(records_,
              [&](uint64_t) { mine.get_missing(kMissingFrom + mine.random.below(kMissingFrom)); });
  conclude({&mine, 1}, timed, result);
}

void Runner::erase(bool timed, Result& result) {
  touch(contents_.count / 4);
  result.records = contents_.count;
  Hand mine = hand(timed);
  Stride stride(contents_.count);
  mine.repeat(contents_.count, [&](uint64_t) { mine.engine.erase(mine.key(stride.next())); });
  conclude({&mine, 1}, timed, result);
  contents_.count = 0;
  audit_erased();
}

}  // namespace stave::bench
