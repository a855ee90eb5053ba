// Merging: rewrites sealed files without their dead records, in key order.
//
// The order of steps is the safety argument (docs/durability.md, DESIGN section 9):
//  M1. Inputs are sealed files. Liveness of a record: its key's slot holds its address.
//  M2. Live records are copied in key order into new files (origin merge, fresh salt and ids);
//      outputs are fdatasync'ed, then their hints written, then the directory synced.
//  M3. The log is made durable up to the newest operation at the last liveness decision: else
//      a power cut could lose the unsynced newer version whose synced older one we drop.
//  M4. MANIFEST switches: inputs leave, outputs stand right before the oldest file that was not
//      sealed when the merge began (invariant R).
//  M5. Slots that point into inputs are swung to the outputs; a put that came meanwhile wins.
//  M6. After all readers of old addresses have left, inputs are unbound and become obsolete.
//  M7. A tombstone (or an expired record, which counts as one) is dropped only if no file that
//      stays can hold an older operation on its key: first_seq, then key range and filter, then
//      the sorted hint say so; an unreadable hint keeps it.
//      A range tombstone is kept unless its slots were swept before the merge began and no file
//      that stays has an older put in the range. A put that it deletes has no slot then, so it is
//      dead; until then such a put is copied, and the copy is dead when the sweep comes to it.
//  M8. Any read error or bad checksum aborts: inputs stay, outputs are removed, and it is told.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/merge_control.h"
#include "engine/merge_copy.h"
#include "engine/merge_parts.h"
#include "engine/merge_planner.h"

namespace stave {

struct MergeStatistics {
  uint64_t merges = 0, failed = 0, bytes_read = 0, bytes_written = 0, last_ms = 0;
  bool running = false, paused = false;
  std::string last_error;
  uint64_t progress_done = 0, progress_total = 0;  // bytes
};

class Merger {
 public:
  explicit Merger(MergeParts parts);
  ~Merger();

  // The background thread's step: decides by triggers, thresholds, window and policy, and
  // merges if there is cause. ok also when there was nothing to do.
  Status run_if_due() STAVE_EXCLUDES(run_mutex_);
  // Manual: every sealed file with anything dead takes part, paused or not, and to sort all others
  // that it takes. Waits for one in progress; a paused one ends with Code::cancelled to let it
  // through.
  Status run_all(bool capped, bool sort = false) STAVE_EXCLUDES(run_mutex_);

  // The hints that sealed files lack, whatever window and policy say: recovery leaves them to
  // this.
  void write_hints() STAVE_EXCLUDES(run_mutex_);

  // Runs `f` while no merge does. A running one ends with Code::cancelled, to be begun again.
  Status exclusively(const std::function<Status()>& f) STAVE_EXCLUDES(run_mutex_);
  // The hints of all sealed files, good ones too. Waits as run_all does.
  Status rebuild_hints() STAVE_EXCLUDES(run_mutex_);

  void pause();
  void resume();
  // Makes a running merge (paused or not) end with Code::cancelled at its next step, and later
  // ones at once.
  void cancel();

  [[nodiscard]] MergeStatistics statistics() const;
  // Why a background merge would or would not take this file now ("dead 12 % < 40 %").
  [[nodiscard]] std::string note(const Segment& segment) const;

  // A merge could not finish its swing after MANIFEST had switched: slots point into files that
  // are no longer listed. Reads and writes go on, merging refuses until the store is reopened,
  // and the keydir must not be saved as a checkpoint.
  [[nodiscard]] bool stranded() const { return stranded_.load(std::memory_order_acquire); }

 private:
  enum class Pace : uint8_t { background, capped, uncapped };
  Status run(std::vector<SegmentList> rounds, Pace pace) STAVE_REQUIRES(run_mutex_);
  Status run_round(const SegmentList& wanted, RateLimiter& limiter) STAVE_REQUIRES(run_mutex_);
  // What frees most goes first, and is judged anew after every round.
  Status run_under_pressure() STAVE_REQUIRES(run_mutex_);
  void note_pressure() const;
  Status run_by_need(SegmentList files, RateLimiter& limiter, const Status& full)
      STAVE_REQUIRES(run_mutex_);
  void tell_failure(const Status& s) STAVE_EXCLUDES(statistics_mutex_);
  void write_hints_now() STAVE_REQUIRES(run_mutex_);
  Status run_job(const SegmentList& wanted, RateLimiter& limiter) STAVE_REQUIRES(run_mutex_);
  void back_off(const Status& result) STAVE_REQUIRES(run_mutex_);
  void count(const Status& result) STAVE_EXCLUDES(statistics_mutex_);
  void set_running(bool running) STAVE_EXCLUDES(statistics_mutex_);

  const MergeParts parts_;
  MergeControl control_;
  MergePlanner planner_;
  MergeProgress progress_;
  std::atomic<bool> stranded_{false};

  Mutex run_mutex_;  // one merge at a time; first in the lock order
  // Background merges wait longer after each failure in a row.
  uint64_t failures_ STAVE_GUARDED_BY(run_mutex_) = 0;
  uint64_t not_before_us_ STAVE_GUARDED_BY(run_mutex_) = 0;
  uint64_t hints_not_before_us_ STAVE_GUARDED_BY(run_mutex_) = 0;
  std::set<uint64_t> damaged_ STAVE_GUARDED_BY(run_mutex_);  // files whose hint cannot be made
  SegmentList stranded_inputs_ STAVE_GUARDED_BY(run_mutex_);

  mutable Mutex statistics_mutex_;
  MergeStatistics statistics_ STAVE_GUARDED_BY(statistics_mutex_);  // without the atomics
};

}  // namespace stave
