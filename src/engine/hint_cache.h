// The open hints of a version's files: opening one means reading and decoding its index.
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
class Segment;

// Lives as long as the version that lists the files: hints keep their files.
class HintCache {
 public:
  // As HintFile::open. Any thread.
  Result<std::shared_ptr<HintFile>> open(Env& env, const std::shared_ptr<Segment>& segment)
      STAVE_EXCLUDES(mutex_);
  // Takes over what `older` has of files in `segments`.
  void adopt(HintCache& older, const std::vector<std::shared_ptr<Segment>>& segments)
      STAVE_EXCLUDES(mutex_);

 private:
  void keep(uint64_t id, const std::shared_ptr<HintFile>& hint) STAVE_REQUIRES(mutex_);

  Mutex mutex_;
  std::map<uint64_t, std::shared_ptr<HintFile>> hints_ STAVE_GUARDED_BY(mutex_);
  uint64_t bytes_ STAVE_GUARDED_BY(mutex_) = 0;
};

}  // namespace stave
