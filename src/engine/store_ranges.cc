// Deleting ranges and everything; the sweeps behind that.

#include "engine/range_sweep.h"
#include "engine/snapshot_sources.h"
#include "engine/store.h"

namespace stave {
namespace {

constexpr std::chrono::milliseconds kSweepAgain{1000};
constexpr size_t kRetiredMax = 32;  // each holds a copy of the list

Snapshot snapshot_of(const View& view) {
  Snapshot snapshot{view.version, {}, view.last_seq};
  for (const auto& s : view.version->segments) {
    snapshot.tails.push_back(s->tail());
    snapshot.last_seqs.push_back(s->counts.last_seq.load(std::memory_order_acquire));
  }
  return snapshot;
}

Status sweep_slots(const std::shared_ptr<Env>& env, const SweepParts& parts,
                   const Snapshot& snapshot, const RangeList& ranges) {
  const auto sources = SnapshotSources::open(env, snapshot);
  if (!sources.ok()) return sources.status();
  return RangeSweep(parts, ranges).run(*(*sources)->cursor());
}

}  // namespace

Status Store::delete_range(Bytes from, Bytes to, SyncWish wish) {
  const Epoch::Guard guard(calls_);
  STAVE_RETURN_IF_ERROR(enter_write());
  if (!to.empty() && from >= to) return writer_->finish_unwritten(wish);
  const RangeDeletes& ranges = *view_.load(std::memory_order_relaxed)->loaded.ranges;
  if (ranges.count() >= kUnsweptMax) STAVE_RETURN_IF_ERROR(sweep());
  const Status s = writer_->delete_range(from, to, wish);
  if (!s.ok()) return s;
  free_retired();
  sweep_soon();
  return {};
}

// Not for every change: waiting for readers takes longer than the rest of the call.
void Store::free_retired() {
  std::vector<std::unique_ptr<const RangeDeletes::State>> retired;
  writer_->change_ranges([&](RangeDeletes& ranges) {
    if (ranges.retired() >= kRetiredMax) retired = ranges.take_retired();
  });
  if (!retired.empty()) reads_.synchronize();
}

// Behind a deletion that is done: what runs out of memory here is no answer to it.
void Store::sweep_soon() {
  if (env_->options.background && start_sweeper()) {
    sweep_worker_.wake();
    return;
  }
  try_sweep();
}

bool Store::start_sweeper() {
  MutexLock lock(sweeper_mutex_);
  if (!sweeper_tried_) {
    sweeper_tried_ = true;
    sweeper_runs_ =
        sweep_worker_
            .start(
                "stave-sweep", [this] { return try_sweep() ? Worker::kUntilWoken : kSweepAgain; },
                Worker::Haste::soon)
            .ok();
  }
  return sweeper_runs_;
}

// What is left is hidden all the same, and tried again.
bool Store::try_sweep(bool closing) {
  Status s;
  try {
    s = sweep(closing);
  } catch (const std::bad_alloc&) {
    s = Status::answer(Code::no_memory);
  }
  const bool failed = !s.ok() && !s.is(Code::cancelled);
  if (failed && !sweep_failing_.load(std::memory_order_relaxed)) {
    try {
      env_->log.write(LogLevel::warn,
                      "deleted ranges stay in memory, to be tried again: " + s.message());
    } catch (const std::bad_alloc&) {  // told when the next one fails
      return false;
    }
  }
  sweep_failing_.store(failed, std::memory_order_relaxed);
  return s.ok();
}

Status Store::sweep(bool closing) {
  MutexLock lock(sweep_mutex_);
  const Loaded& l = view_.load(std::memory_order_acquire)->loaded;
  RangeList list;
  bool any_retired = false;
  writer_->change_ranges([&](RangeDeletes& ranges) {
    list = ranges.list();
    any_retired = ranges.retired() != 0;
  });
  if (list.empty() && !any_retired) return {};
  if (!list.empty()) {
    const SweepParts parts{*l.space, *l.keydir, *l.hasher, reads_, [this, closing] {
                             return !closing && closed_.load(std::memory_order_relaxed);
                           }};
    STAVE_RETURN_IF_ERROR(sweep_slots(env_, parts, snapshot_now(), list));
  }
  // Not before the sweep: where that fails, readers may still look at them.
  std::vector<std::unique_ptr<const RangeDeletes::State>> retired;
  writer_->change_ranges([&](RangeDeletes& ranges) { retired = ranges.take_retired(); });
  reads_.synchronize();  // D1; and D3
  writer_->change_ranges([&](RangeDeletes& ranges) { ranges.remove(list); });
  return {};
}

// Of a read-only store, in the view that readers have, or will have.
void Store::try_sweep(View& view) {
  const Status s = sweep(view);
  if (s.ok()) return;
  env_->log.write(LogLevel::warn,
                  "deleted ranges stay in memory until the next refresh: " + s.message());
}

Status Store::sweep(View& view) {
  RangeDeletes& ranges = *view.loaded.ranges;
  const RangeList list = ranges.list();
  if (list.empty()) return {};
  const SweepParts parts{*view.loaded.space, *view.loaded.keydir, *view.loaded.hasher, reads_};
  STAVE_RETURN_IF_ERROR(sweep_slots(env_, parts, snapshot_of(view), list));
  const auto retired = ranges.take_retired();
  reads_.synchronize();
  ranges.remove(list);
  return {};
}

Status Store::clear(SyncWish wish) {
  {
    const Epoch::Guard guard(calls_);
    STAVE_RETURN_IF_ERROR(enter_write());
    bool stranded = false;  // maybe by the merge that is waited for
    const Status s = merger_->exclusively([&] {
      stranded = merger_->stranded();
      return stranded ? Status() : clear_now(wish);
    });
    if (!stranded) return s;
  }
  // Slots may lead into files that are not listed: the sweep knows how to find them.
  return delete_range({}, {}, wish);
}

Status Store::clear_now(SyncWish wish) {
  Cleared cleared;
  const Status s = writer_->clear(wish, &cleared);
  if (cleared.active == nullptr) return s;
  const Loaded& l = view_.load(std::memory_order_acquire)->loaded;
  if (cleared.dropped.empty()) {
    sweep_soon();
    return s;
  }
  l.keydir->for_each([&](const Slot& slot) {
    Segment* const at = l.space->segment_at(slot.address);
    if (at->obsolete()) return false;  // the dropped ones
    if (at != cleared.active.get() || slot.address >= cleared.address) return true;
    at->counts.move_live(slot.size_class);
    return false;
  });
  // Appends that found an old slot are over after this, and readers after the next.
  writer_->change_ranges([](RangeDeletes&) {});
  reads_.synchronize();
  for (const auto& segment : cleared.dropped) {
    l.space->bind(segment->extent(), nullptr);
    l.space->release(segment->extent());
  }
  try {
    writer_->change_ranges([&](RangeDeletes& ranges) { ranges.remove_up_to(cleared.seq); });
  } catch (const std::bad_alloc&) {
    sweep_soon();  // they hide nothing any more: the next sweep takes them off the list
  }
  return s;
}

}  // namespace stave
