// The work of loading, in tasks that threads share: parts of hints, and of the data files that have
// none.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <vector>

#include "base/mutex.h"
#include "engine/hint_cursor.h"
#include "engine/load_batch.h"
#include "engine/loader.h"
#include "engine/range_cover.h"
#include "engine/scan_notes.h"
#include "format/hint.h"

namespace stave {

// What one thread found out of one file.
struct Tally {
  std::array<uint64_t, kSizeClasses> lost{};  // of those counted, to other operations on their keys
  std::array<uint64_t, kSizeClasses> count{};
  std::array<uint64_t, kSizeClasses> bytes{};
};

// What one thread collects for the keydir, and what it found out.
struct Load {
  Load(size_t files, size_t entries) : tallies(files), batch(entries) {}
  std::vector<Tally> tallies;  // of each file
  LoadKeys keys;
  LoadBatch batch;
  LoadScratch scratch;
};

struct Task {
  Segment* segment = nullptr;
  std::unique_ptr<HintCursor> cursor;  // none: the records of [from, to), checked before
  uint64_t from = 0, to = 0;
};

// REQUIRES: segments are placed, bound and ranked.
class LoadTasks {
 public:
  LoadTasks(std::shared_ptr<Env> env, const SegmentList& segments, OpenFor purpose,
            const NotesOfFiles& notes, Loaded* out)
      : env_(std::move(env)),
        segments_(segments),
        purpose_(purpose),
        notes_(notes),
        out_(*out),
        fresh_(out->refill == nullptr) {}

  // Files from `first` on, the first of them from `from` on.
  Status run(const std::vector<uint64_t>& from);

 private:
  Status plan(const std::shared_ptr<Segment>& segment, uint64_t from);
  Status plan_hint(const std::shared_ptr<Segment>& segment);
  Status check_hint(Segment& segment);
  Status remake_hint(Segment& segment, const Status& why, bool* made);
  void take_summary(Segment& segment, const HintSummary& s);
  Status plan_records(Segment& segment, uint64_t from);
  void plan_parts(Segment& segment, uint64_t from, const ScanNotes& notes);
  void work(Status (LoadTasks::*part)(Load&), size_t batch);
  Status do_tasks(Load& load);
  Status build_tables(Load& load);
  Status do_task(Task& task, Load& load);
  Status load_entries(Segment& segment, HintCursor& cursor, Load& load);
  Status reload(Segment& segment, const Status& why, Load& load) STAVE_EXCLUDES(reload_mutex_);
  Status load_records(Segment& segment, uint64_t from, uint64_t to, Checksums checksums,
                      Load& load);
  struct At {
    uint64_t offset, size, expires_at_ms;
  };
  Status add(Segment& segment, Bytes key, Kind kind, const At& at, Load& load);
  Status hash_keys(Load& load);
  Status add(const Slot& slot, const Digest& d, Load& load);
  template <typename F>
  Status with_rules(Load& load, F f);
  Status place(unsigned shard, Load& load);
  Status place_all(Load& load);
  void settle(const std::vector<std::vector<Tally>>& tallies);

  const std::shared_ptr<Env> env_;
  const SegmentList& segments_;
  const OpenFor purpose_;
  const uint64_t now_ms_ = env_->expiry.now_ms();
  const NotesOfFiles& notes_;
  Loaded& out_;
  const bool fresh_;  // there was no checkpoint: the keydir is empty at the beginning
  std::vector<Task> tasks_;
  std::vector<HintRangeTombstone> ranges_;  // of all that is to be loaded, before any of it is
  RangeCover cover_;                        // nothing, on top of a checkpoint: a sweep sees to it
  std::atomic<size_t> next_task_{0};
  std::atomic<unsigned> next_shard_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> tombstones_{false};
  Mutex reload_mutex_;
  std::set<uint64_t> reloaded_ STAVE_GUARDED_BY(reload_mutex_);
  Mutex mutex_;
  Status error_ STAVE_GUARDED_BY(mutex_);
  std::vector<std::vector<Tally>> tallies_ STAVE_GUARDED_BY(mutex_);
};

}  // namespace stave
