// The sorted sources of a snapshot: for each file its hint or its runs.
//
// Threads: any number, for all calls. Cursors belong to one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/chain_cursor.h"
#include "engine/env.h"
#include "engine/hint_cache.h"
#include "engine/hint_file.h"
#include "engine/merging_cursor.h"
#include "engine/range_cover.h"
#include "engine/snapshot.h"

namespace stave {

class SnapshotSources {
 public:
  // Hints of sealed files (rebuilt in memory as a run when a hint is missing or bad), published
  // runs and, for what has none, runs built on the spot.
  static Result<std::shared_ptr<const SnapshotSources>> open(std::shared_ptr<Env> env,
                                                             Snapshot snapshot);

  // All entries. Some may be newer than the snapshot; no older one is hidden by them.
  [[nodiscard]] std::unique_ptr<MergingCursor> cursor() const;
  // Whether the newest entry of a key within the snapshot means that the key is there.
  [[nodiscard]] bool live(const HintEntry& newest) const {
    if (newest.kind != Kind::put) return false;
    return (newest.expires_at_ms == 0 && ranges_.empty()) || still_live(newest);
  }
  [[nodiscard]] uint64_t seq() const { return snapshot_.seq; }
  [[nodiscard]] const std::shared_ptr<Env>& env() const { return env_; }
  // The value of a key, lent by the files or by *buffer; not_found.
  Status get(Bytes key, std::string* buffer, Bytes* value) const STAVE_EXCLUDES(mutex_);

 private:
  struct FileSource {
    std::shared_ptr<Segment> segment;
    std::shared_ptr<HintFile> hint;  // none: runs
    std::vector<std::shared_ptr<const Run>> runs;
  };
  // Those within the snapshot, on their way into ranges_.
  struct Ranges {
    std::vector<FileRanges> shared;  // of what the next snapshots have as well
    std::vector<HintRangeTombstone> own;
  };
  SnapshotSources() = default;
  [[nodiscard]] bool still_live(const HintEntry& newest) const;
  Status add(size_t index, Ranges* ranges);
  Status add_runs(FileSource* file, size_t index, Ranges* ranges);
  Status add_recent_runs(FileSource* file, uint64_t covered, uint64_t tail, Ranges* ranges);
  void add_run(FileSource* file, const std::shared_ptr<const Run>& run, Ranges* ranges) const;
  void add_own(const Run& run, Ranges* ranges) const;
  void make_chains();
  Status find_in(const FileSource& file, Bytes key, std::string* storage, HintEntry* out) const
      STAVE_EXCLUDES(mutex_);
  Result<std::shared_ptr<const Run>> stand_in(const FileSource& file, const Status& why) const
      STAVE_EXCLUDES(mutex_);

  std::shared_ptr<Env> env_;
  Snapshot snapshot_;
  uint64_t opened_at_ms_ = 0;
  std::vector<FileSource> files_;  // oldest first
  // All files with hints, those that follow one another in one.
  std::shared_ptr<const std::vector<HintChain>> chains_;
  std::vector<std::shared_ptr<const RangeCover>> ranges_;  // together those within the snapshot
  mutable Mutex mutex_;
  // Runs in the place of hints that turned out to be damaged, by file id.
  mutable std::map<uint64_t, std::shared_ptr<const Run>> stand_ins_ STAVE_GUARDED_BY(mutex_);
};

// The value of the put that an index names, checked; lent by the segment's mapping or by *buffer.
Status read_indexed(const Env& env, const Segment& segment, const HintEntry& entry,
                    std::string* buffer, Bytes* value);

}  // namespace stave
