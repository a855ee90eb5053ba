#include <algorithm>
#include <array>

#include "engine/hint_file.h"
#include "engine/hint_writer.h"
#include "engine/merging_cursor.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

using Runs = std::vector<std::shared_ptr<const Run>>;
constexpr uint64_t kSmallFile = 4 << 20;

using Stop = std::function<bool()>;

Status cancelled() { return Status::answer(Code::cancelled); }

HintSummary summarize(const Runs& runs) {
  HintSummary s;
  for (const auto& run : runs) {
    if (run->first_seq != 0 && (s.first_seq == 0 || run->first_seq < s.first_seq)) {
      s.first_seq = run->first_seq;
    }
    s.last_seq = std::max(s.last_seq, run->last_seq);
    s.operations += run->operations;
    s.record_bytes += run->record_bytes;
  }
  return s;
}

// The newest operation on each key, in key order.
Status add_entries(HintWriter& writer, Segment& segment, const Runs& runs, const Stop& stop) {
  std::vector<std::unique_ptr<Cursor>> sources;
  for (const auto& run : runs) sources.push_back(run_cursor(segment.shared_from_this(), run));
  MergingCursor merged(std::move(sources));
  // The keys are in memory that the merge has left since: asked for again some entries ahead.
  constexpr uint64_t kAhead = 8;
  std::array<HintEntry, kAhead> waiting;
  uint64_t taken = 0;
  uint64_t added = 0;
  for (uint64_t i = 1; merged.next(); ++i) {
    if (i % kRunOperations == 0 && stop && stop()) return cancelled();
    if (merged.repeats_key()) continue;
    if (taken - added == kAhead) {
      STAVE_RETURN_IF_ERROR(writer.add(waiting[added % kAhead]));
      ++added;
    }
    __builtin_prefetch(merged.entry().key.data());
    waiting[taken++ % kAhead] = merged.entry();
  }
  while (added != taken) STAVE_RETURN_IF_ERROR(writer.add(waiting[added++ % kAhead]));
  return merged.status();
}

Status write_runs(Env& env, Segment& segment, const Runs& runs, const Stop& stop) {
  HintWriter writer(env, segment);
  STAVE_RETURN_IF_ERROR(writer.create());
  writer.expect(summarize(runs).operations);
  STAVE_RETURN_IF_ERROR(add_entries(writer, segment, runs, stop));
  for (const auto& run : runs) {
    for (const HintRangeTombstone& r : run->ranges) writer.add_range_tombstone(r);
  }
  STAVE_RETURN_IF_ERROR(writer.finish(summarize(runs), true));
  segment.set_has_hint(true);
  return {};
}

}  // namespace

Status write_hint(Env& env, Segment& segment, const TailIndex& runs) {
  STAVE_CHECK(runs.covered() == segment.tail());
  return write_runs(env, segment, runs.runs(), {});
}

bool hint_can_wait(const Env& env, const Segment& segment) {
  return env.options.background && segment.tail() > kSmallFile;
}

Status rebuild_hint(Env& env, Segment& segment, const Stop& stop) {
  Runs runs;
  for (uint64_t from = kFileHeaderSize; from < segment.tail();) {
    Result<std::shared_ptr<const Run>> run =
        make_run(segment, from, segment.tail(), kRunOperations, false, Trust::verified);
    if (!run.ok()) return run.status();
    if (stop && stop()) return cancelled();
    from = (*run)->to;
    runs.push_back(run.take());
  }
  return write_runs(env, segment, runs, stop);
}

}  // namespace stave
