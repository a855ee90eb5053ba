// Which files to merge, and why not the others.
//
// A file's fragmentation (percent of its records that are dead or expired) or dead bytes may
// trigger a merge; then every file above a threshold takes part, and small files join. Every merge
// that is started here makes progress, so that merging comes to rest when writing does:
//  - Tombstones that the last merge of a file had to keep do not count as dead until one of the
//    files for whose sake they were kept has changed or gone.
//  - Small files alone start a merge only when they are many, and files are small only when two
//    of them fit into one.
//  - A file found damaged is left alone until the store is reopened.
//
// Threads: all methods by any.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/catalog.h"
#include "engine/env.h"
#include "engine/merge_tombstones.h"

namespace stave {

// Live bytes that one merge rewrites at most (one file at least): bounds the disk space that it
// needs before it gives any back.
inline constexpr uint64_t kMergeRoundBytes = 4ULL << 30;
inline constexpr size_t kSmallFilesStart = 16;

class MergePlanner {
 public:
  explicit MergePlanner(Env& env) : env_(env) {}

  // Whether merge.policy and the hour allow background merges.
  [[nodiscard]] bool allowed_now() const;
  // The merges to run now, one after the other; none: nothing to do. Files without a live record
  // go first and by themselves: their merge frees space and needs none.
  [[nodiscard]] std::vector<SegmentList> due(const Version& version) const STAVE_EXCLUDES(mutex_);
  // One merge that frees much for what it copies: of the files that are due, those of which least
  // stays, as far as that fits into one new file. Empty: there is none that would give back an
  // eighth.
  [[nodiscard]] SegmentList deadest(const Version& version) const STAVE_EXCLUDES(mutex_);
  // The same for everything that is dead, whatever triggers and thresholds say.
  [[nodiscard]] std::vector<SegmentList> everything(const Version& version) const
      STAVE_EXCLUDES(mutex_);
  // And of what is alive in other files: so that within each merge all keys get into order. Where
  // they are, and nothing is dead, there is no merge.
  [[nodiscard]] std::vector<SegmentList> sorting(const Version& version) const
      STAVE_EXCLUDES(mutex_);
  [[nodiscard]] std::string note(const Segment& segment, const Version& version) const
      STAVE_EXCLUDES(mutex_);

  // A merge wrote `outputs`, which now stand in `version`, and kept their tombstones because of
  // `holders`.
  void learn_kept(const SegmentList& outputs, const std::vector<TombstoneHolder>& holders,
                  const Version& version) STAVE_EXCLUDES(mutex_);
  void learn_damaged(uint64_t file_id, const Status& why) STAVE_EXCLUDES(mutex_);
  // What is known of a damaged file of this version; ok: there is none.
  [[nodiscard]] Status damage(const Version& version) const STAVE_EXCLUDES(mutex_);

 private:
  struct Kept {
    uint64_t tombstones = 0;
    uint64_t bytes = 0;
    uint64_t other_bytes = 0;  // of range tombstones
    std::vector<TombstoneHolder> holders;
  };
  struct Judgement {
    bool dead = false;  // anything that a merge might drop
    bool starts = false;
    bool joins = false;
    bool small = false;
    std::string why;
  };
  [[nodiscard]] Kept kept_of(const Segment& segment, const Version& version) const
      STAVE_REQUIRES(mutex_);
  [[nodiscard]] Judgement judge(const Segment& segment, const Version& version) const
      STAVE_REQUIRES(mutex_);
  [[nodiscard]] SegmentList chosen_now(const Version& version) const STAVE_REQUIRES(mutex_);
  [[nodiscard]] bool is_small(const Segment& segment) const;
  [[nodiscard]] bool nothing_to_drop(const Segment& segment) const;
  [[nodiscard]] std::vector<SegmentList> rounds(const SegmentList& chosen, uint64_t most) const;
  [[nodiscard]] bool in_order(const SegmentList& files, const Version& version) const;

  Env& env_;
  mutable Mutex mutex_;
  std::map<uint64_t, Kept> kept_ STAVE_GUARDED_BY(mutex_);  // by file id
  std::map<uint64_t, Status> damaged_ STAVE_GUARDED_BY(mutex_);
};

}  // namespace stave
