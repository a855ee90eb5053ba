// What iterators over a version's files have made and the next ones need as well: open hints, each
// with its decoded index, and runs of what an unsealed file's own index does not cover.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"

namespace stave {

struct Env;
class HintFile;
struct Run;
class Segment;

// Lives as long as the version that lists the files: hints keep their files.
class HintCache {
 public:
  // As HintFile::open. Any thread.
  Result<std::shared_ptr<HintFile>> open(Env& env, const std::shared_ptr<Segment>& segment)
      STAVE_EXCLUDES(mutex_);
  // Runs of [covered, tail) of an unsealed file, the last of which may go further.
  Result<std::vector<std::shared_ptr<const Run>>> runs(const Segment& segment, uint64_t covered,
                                                       uint64_t tail) STAVE_EXCLUDES(runs_mutex_);
  // Takes over the hints that `older` has of files in `segments`.
  void adopt(HintCache& older, const std::vector<std::shared_ptr<Segment>>& segments)
      STAVE_EXCLUDES(mutex_);

 private:
  void keep(uint64_t id, const std::shared_ptr<HintFile>& hint) STAVE_REQUIRES(mutex_);

  Mutex mutex_;
  std::map<uint64_t, std::shared_ptr<HintFile>> hints_ STAVE_GUARDED_BY(mutex_);
  uint64_t bytes_ STAVE_GUARDED_BY(mutex_) = 0;
  Mutex runs_mutex_;  // held while a run is made: who else wants it has to wait for it anyway
  std::map<uint64_t, std::vector<std::shared_ptr<const Run>>> runs_ STAVE_GUARDED_BY(runs_mutex_);
};

}  // namespace stave
