// How many keys a range has: counted, and guessed.

#include "engine/hint_cache.h"
#include "engine/hint_file.h"
#include "engine/run.h"
#include "engine/store.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

// Entries of a hint looked at one by one, before its blocks are counted instead.
constexpr uint64_t kWalked = 4096;

bool ends_before(Bytes to, Bytes key) { return !to.empty() && key >= to; }

// What part of a file's entries stands in [from, to), from 0 to 1.
Result<double> share_of_hint(HintFile& hint, Bytes from, Bytes to) {
  const auto entries = static_cast<double>(hint.summary().entries);
  if (entries == 0) return 0.0;
  const auto cursor = hint.cursor();
  cursor->seek(from);
  uint64_t walked = 0;
  while (walked < kWalked && cursor->next()) {
    if (ends_before(to, cursor->entry().key)) break;
    ++walked;
  }
  if (!cursor->status().ok()) return cursor->status();
  const double seen = static_cast<double>(walked) / entries;
  return walked < kWalked ? seen : std::max(seen, hint.share_between(from, to));
}

uint64_t places_before(const Segment& segment, const Run& run, Bytes key) {
  const RunHeads heads(segment, run);
  const auto at = std::partition_point(run.places.begin(), run.places.end(), [&](uint32_t place) {
    HintEntry e;
    return heads.decode(place, &e) && e.key < key;
  });
  return static_cast<uint64_t>(at - run.places.begin());
}

// The same of a file that has no hint yet.
Result<double> share_of_runs(const Segment& segment, Bytes from, Bytes to) {
  std::vector<std::shared_ptr<const Run>> runs;
  uint64_t covered = kFileHeaderSize;
  if (const std::shared_ptr<TailIndex> index = segment.tail_index) {
    runs = index->runs();
    if (!runs.empty()) covered = runs.back()->to;
  }
  if (const uint64_t tail = segment.tail(); covered < tail) {
    auto rest = build_run(segment, covered, tail);
    if (!rest.ok()) return rest.status();
    runs.push_back(rest.take());
  }
  uint64_t all = 0;
  uint64_t inside = 0;
  for (const auto& run : runs) {
    all += run->places.size();
    const uint64_t end = to.empty() ? run->places.size() : places_before(segment, *run, to);
    inside += end - std::min(end, places_before(segment, *run, from));
  }
  return all == 0 ? 0.0 : static_cast<double>(inside) / static_cast<double>(all);
}

}  // namespace

// By keys alone: no record is read.
Status Store::count_range(Bytes from, Bytes to, uint64_t* count) {
  *count = 0;
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  IterateOptions options;
  options.keys_only = true;
  options.from = std::string(from);
  options.to = std::string(to);
  auto iterator = Iterator::open(env_, snapshot_now(), options);
  if (!iterator.ok()) return iterator.status();
  uint64_t counted = 0;
  Status s;
  while ((s = (*iterator)->next()).ok()) {
    if (++counted % kWalked == 0 && closed_.load(std::memory_order_relaxed)) return closed_status();
  }
  if (!s.is(Code::done)) return s;
  *count = counted;
  return {};
}

Status Store::approximate_size(Bytes from, Bytes to, uint64_t* bytes, uint64_t* keys) {
  *bytes = *keys = 0;
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  const Snapshot snapshot = snapshot_now();
  double live_keys = 0;
  double live_bytes = 0;
  for (const auto& segment : snapshot.version->segments) {
    if (segment->tail() <= kFileHeaderSize) continue;
    auto share = Result<double>(0.0);
    if (segment->has_hint()) {
      auto hint = snapshot.version->hints->open(*env_, segment);
      share = hint.ok() ? share_of_hint(**hint, from, to) : Result<double>(hint.status());
    }
    // What is wrong with a hint says nothing of the data.
    if (!segment->has_hint() || !share.ok()) share = share_of_runs(*segment, from, to);
    if (!share.ok()) return share.status();
    live_keys += *share * static_cast<double>(segment->counts.live_records());
    live_bytes += *share * static_cast<double>(segment->counts.live_bytes());
  }
  *keys = static_cast<uint64_t>(live_keys + 0.5);
  *bytes = static_cast<uint64_t>(live_bytes + 0.5);
  return {};
}

}  // namespace stave
