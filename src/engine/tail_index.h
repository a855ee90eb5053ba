// Sorted runs over the records of one unsealed file: its index until the hint is written.
//
// A run covers about kRunOperations consecutive operations (a batch is never split) and holds
// their places sorted by key, then newest first. All versions of a key are kept, since a
// snapshot may need an older one. Runs are immutable once published and are built behind the
// writer, never by a put; memory is 4 bytes an operation in mapped mode
// (keys are read from the mapping), and the keys' copies besides in positional mode.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "engine/cursor.h"
#include "engine/segment.h"

namespace stave {

inline constexpr uint64_t kRunOperations = 64U << 10;

struct Run;  // tail_index.cc / run.h
class RunSort;

class TailIndex {
 public:
  TailIndex();
  ~TailIndex();

  // Indexes what stands in [covered(), upto): whole runs, and with `all` the rest as a shorter
  // run. upto <= segment.tail(). corrupt if a record there does not parse (a bug or a bad
  // device). Waits for another caller: the thread that indexes and the one that seals.
  Status extend(const Segment& segment, uint64_t upto, bool all) STAVE_EXCLUDES(building_, mutex_);
  [[nodiscard]] uint64_t covered() const STAVE_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<std::shared_ptr<const Run>> runs() const STAVE_EXCLUDES(mutex_);
  // Lets go of the runs once the hint stands in for them; covered() stays.
  void release() STAVE_EXCLUDES(mutex_);
  // Bytes of memory held.
  [[nodiscard]] uint64_t memory_bytes() const STAVE_EXCLUDES(mutex_);

 private:
  Mutex building_;                                             // before mutex_ in the lock order
  std::unique_ptr<RunSort> room_ STAVE_GUARDED_BY(building_);  // until there is nothing more
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<const Run>> runs_ STAVE_GUARDED_BY(mutex_);
  uint64_t covered_ STAVE_GUARDED_BY(mutex_) = 64;  // kFileHeaderSize
};

// A cursor over one run; keeps the segment and the run.
std::unique_ptr<Cursor> run_cursor(std::shared_ptr<Segment> segment,
                                   std::shared_ptr<const Run> run);
// A run over [from, to) made on the spot, not published: for iterators over the part of the
// tail that has no run yet.
Result<std::shared_ptr<const Run>> build_run(const Segment& segment, uint64_t from, uint64_t to);

}  // namespace stave
