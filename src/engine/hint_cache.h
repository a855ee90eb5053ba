// What iterators over a version's files have made and the next ones need as well: open hints, each
// with its decoded index, how they follow one another, runs of what an unsealed file's own index
// does not cover, and the deleted ranges of all these, flattened.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "engine/chain_cursor.h"
#include "engine/range_cover.h"

namespace stave {

struct Run;

// A run made for iterators, with its ranges (none: null).
struct RangedRun {
  std::shared_ptr<const Run> run;
  std::shared_ptr<const RangeCover> ranges;
};

// Ranges that a file has for good: its hint's (from and to are 0), or those of a run.
struct FileRanges {
  uint64_t file_id = 0;
  uint64_t from = 0, to = 0;
  const std::vector<HintRangeTombstone>* list = nullptr;
  [[nodiscard]] bool same_as(const FileRanges& other) const {
    return file_id == other.file_id && from == other.from && to == other.to;
  }
};

// Lives as long as the version that lists the files: hints keep their files.
class HintCache {
 public:
  // As HintFile::open. Any thread.
  Result<std::shared_ptr<HintFile>> open(Env& env, const std::shared_ptr<Segment>& segment)
      STAVE_EXCLUDES(mutex_);
  // Runs of [covered, tail) of an unsealed file, the last of which may go further.
  Result<std::vector<RangedRun>> runs(const Segment& segment, uint64_t covered, uint64_t tail)
      STAVE_EXCLUDES(runs_mutex_);
  // All of these in one; the next caller with the same ones gets the same. Not null.
  std::shared_ptr<const RangeCover> cover(std::vector<FileRanges> of)
      STAVE_EXCLUDES(cover_mutex_, mutex_);
  // chains_of(hints); the next caller with the same ones gets the same.
  std::shared_ptr<const std::vector<HintChain>> chains(std::vector<std::shared_ptr<HintFile>> hints)
      STAVE_EXCLUDES(mutex_);
  // Hints under these names may be other files now.
  void forget() STAVE_EXCLUDES(mutex_);
  // Takes over the hints that `older` has of files in `segments`, and its cover if all are there.
  void adopt(HintCache& older, const std::vector<std::shared_ptr<Segment>>& segments)
      STAVE_EXCLUDES(mutex_);

 private:
  void keep(uint64_t id, const std::shared_ptr<HintFile>& hint) STAVE_REQUIRES(mutex_);
  [[nodiscard]] std::shared_ptr<const RangeCover> known_cover(const std::vector<FileRanges>& of)
      STAVE_EXCLUDES(mutex_);

  Mutex mutex_;
  std::map<uint64_t, std::shared_ptr<HintFile>> hints_ STAVE_GUARDED_BY(mutex_);
  uint64_t bytes_ STAVE_GUARDED_BY(mutex_) = 0;
  std::vector<std::shared_ptr<HintFile>> chained_ STAVE_GUARDED_BY(mutex_);
  std::shared_ptr<const std::vector<HintChain>> chains_ STAVE_GUARDED_BY(mutex_);  // of those
  std::vector<FileRanges> covered_ STAVE_GUARDED_BY(mutex_);          // without their lists
  std::shared_ptr<const RangeCover> cover_ STAVE_GUARDED_BY(mutex_);  // of those
  Mutex cover_mutex_;                                                 // held while a cover is made
  Mutex runs_mutex_;  // held while a run is made: who else wants it has to wait for it anyway
  std::map<uint64_t, std::vector<RangedRun>> runs_ STAVE_GUARDED_BY(runs_mutex_);
};

}  // namespace stave
