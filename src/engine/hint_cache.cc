#include "engine/hint_cache.h"

#include "engine/hint_file.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {

namespace {
// Of indexes and filters. Hints beyond are opened anew by each who needs them.
constexpr uint64_t kBytesMax = 64 << 20;
// A shorter run is made again with what came behind it if that is not much less: so runs are few,
// and who writes and iterates by turns does not sort the same thousands each time.
constexpr uint64_t kShortRun = 8192;
constexpr uint64_t kMuchLess = 8;
}  // namespace

Result<std::shared_ptr<HintFile>> HintCache::open(Env& env,
                                                  const std::shared_ptr<Segment>& segment) {
  {
    MutexLock lock(mutex_);
    const auto found = hints_.find(segment->id());
    if (found != hints_.end()) return found->second;
  }
  Result<std::shared_ptr<HintFile>> hint = HintFile::open(env, segment);
  if (hint.ok()) {
    MutexLock lock(mutex_);
    keep(segment->id(), *hint);
  }
  return hint;
}

void HintCache::keep(uint64_t id, const std::shared_ptr<HintFile>& hint) {
  const uint64_t bytes = hint->memory_bytes();
  if (bytes_ + bytes > kBytesMax || !hints_.emplace(id, hint).second) return;
  bytes_ += bytes;
}

Result<std::vector<std::shared_ptr<const Run>>> HintCache::runs(const Segment& segment,
                                                                uint64_t covered, uint64_t tail) {
  MutexLock lock(runs_mutex_);
  auto& runs = runs_[segment.id()];
  // What the file's own index covers by now is no longer of use.
  while (!runs.empty() && runs.front()->from < covered) runs.erase(runs.begin());
  if (!runs.empty() && runs.front()->from != covered) runs.clear();
  if (runs.empty() || runs.back()->to < tail) {
    uint64_t from = runs.empty() ? covered : runs.back()->to;
    while (!runs.empty() && runs.back()->operations < kShortRun &&
           runs.back()->to - runs.back()->from <= kMuchLess * (tail - from)) {
      from = runs.back()->from;
      runs.pop_back();
    }
    Result<std::shared_ptr<const Run>> rest = build_run(segment, from, tail);
    if (!rest.ok()) return rest.status();
    runs.push_back(rest.take());
  }
  std::vector<std::shared_ptr<const Run>> wanted = runs;
  while (wanted.back()->from >= tail) wanted.pop_back();
  return wanted;
}

void HintCache::adopt(HintCache& older, const std::vector<std::shared_ptr<Segment>>& segments) {
  std::map<uint64_t, std::shared_ptr<HintFile>> hints;
  {
    MutexLock lock(older.mutex_);
    hints = older.hints_;
  }
  if (hints.empty()) return;
  MutexLock lock(mutex_);
  for (const std::shared_ptr<Segment>& segment : segments) {
    const auto found = hints.find(segment->id());
    if (found != hints.end()) keep(segment->id(), found->second);
  }
}

}  // namespace stave
