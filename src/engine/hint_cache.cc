#include "engine/hint_cache.h"

#include <algorithm>
#include <set>

#include "engine/hint_file.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {

namespace {
// Of indexes and filters. Hints beyond are opened anew by each who needs them.
constexpr uint64_t kBytesMax = 64 << 20;
// Mappings are few in a process (65,530 by default), and data files need theirs.
constexpr size_t kMappedMax = 4096;
// A shorter run is made again with what came behind it if that is not much less: so runs are few,
// and who writes and iterates by turns does not sort the same thousands each time.
constexpr uint64_t kShortRun = 8192;
constexpr uint64_t kMuchLess = 8;
}  // namespace

Result<std::shared_ptr<HintFile>> HintCache::open(Env& env,
                                                  const std::shared_ptr<Segment>& segment) {
  uint64_t map_below = 0;  // only what is kept: others are opened for each iterator anew
  {
    MutexLock lock(mutex_);
    const auto found = hints_.find(segment->id());
    if (found != hints_.end()) return found->second;
    if (env.options.io == Io::mapped && hints_.size() < kMappedMax) map_below = kBytesMax - bytes_;
  }
  Result<std::shared_ptr<HintFile>> hint = HintFile::open(env, segment, map_below);
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

Result<std::vector<RangedRun>> HintCache::runs(const Segment& segment, uint64_t covered,
                                               uint64_t tail) {
  MutexLock lock(runs_mutex_);
  auto& runs = runs_[segment.id()];
  // What the file's own index covers by now is no longer of use.
  while (!runs.empty() && runs.front().run->from < covered) runs.erase(runs.begin());
  if (!runs.empty() && runs.front().run->from != covered) runs.clear();
  if (runs.empty() || runs.back().run->to < tail) {
    uint64_t from = runs.empty() ? covered : runs.back().run->to;
    while (!runs.empty() && runs.back().run->operations < kShortRun &&
           runs.back().run->to - runs.back().run->from <= kMuchLess * (tail - from)) {
      from = runs.back().run->from;
      runs.pop_back();
    }
    Result<std::shared_ptr<const Run>> rest = build_run(segment, from, tail);
    if (!rest.ok()) return rest.status();
    RangedRun made{rest.take(), nullptr};
    if (!made.run->ranges.empty()) {
      made.ranges = std::make_shared<const RangeCover>(made.run->ranges);
    }
    runs.push_back(std::move(made));
  }
  std::vector<RangedRun> wanted = runs;
  while (wanted.back().run->from >= tail) wanted.pop_back();
  return wanted;
}

std::shared_ptr<const std::vector<HintChain>> HintCache::chains(
    std::vector<std::shared_ptr<HintFile>> hints) {
  {
    MutexLock lock(mutex_);
    if (chains_ && chained_ == hints) return chains_;
  }
  auto made = std::make_shared<const std::vector<HintChain>>(chains_of(hints));
  uint64_t bytes = 0;
  for (const auto& hint : hints) bytes += hint->memory_bytes();
  if (bytes > kBytesMax) return made;  // it would hold hints that the cache does not
  for (const HintChain& chain : *made) {
    // Its last key could not be read: the next iterator tries again.
    if (chain[0].last_key.empty() && chain[0].hint->blocks() != 0) return made;
  }
  MutexLock lock(mutex_);
  chained_ = std::move(hints);
  chains_ = made;
  return made;
}

std::shared_ptr<const RangeCover> HintCache::known_cover(const std::vector<FileRanges>& of) {
  MutexLock lock(mutex_);
  const bool same = std::equal(of.begin(), of.end(), covered_.begin(), covered_.end(),
                               [](const auto& a, const auto& b) { return a.same_as(b); });
  return same ? cover_ : nullptr;
}

std::shared_ptr<const RangeCover> HintCache::cover(std::vector<FileRanges> of) {
  MutexLock making(cover_mutex_);
  if (auto known = known_cover(of)) return known;
  std::vector<HintRangeTombstone> all;
  for (FileRanges& ranges : of) {
    all.insert(all.end(), ranges.list->begin(), ranges.list->end());
    ranges.list = nullptr;
  }
  auto made = std::make_shared<const RangeCover>(all);
  MutexLock lock(mutex_);
  covered_ = std::move(of);
  cover_ = made;
  return made;
}

void HintCache::forget() {
  std::map<uint64_t, std::shared_ptr<HintFile>> hints;  // closed after the lock is let go
  std::vector<std::shared_ptr<HintFile>> chained;
  std::shared_ptr<const std::vector<HintChain>> chains;
  MutexLock lock(mutex_);
  hints.swap(hints_);
  chained.swap(chained_);
  chains.swap(chains_);
  bytes_ = 0;
}

void HintCache::adopt(HintCache& older, const std::vector<std::shared_ptr<Segment>>& segments) {
  std::map<uint64_t, std::shared_ptr<HintFile>> hints;
  std::vector<FileRanges> covered;
  std::shared_ptr<const RangeCover> cover;
  {
    MutexLock lock(older.mutex_);
    hints = older.hints_;
    covered = older.covered_;
    cover = older.cover_;
  }
  // Without one of its files nobody would ask for the cover again.
  std::set<uint64_t> listed;
  if (cover) {
    for (const auto& segment : segments) listed.insert(segment->id());
  }
  const bool whole = std::all_of(covered.begin(), covered.end(), [&](const FileRanges& ranges) {
    return listed.contains(ranges.file_id);
  });
  MutexLock lock(mutex_);
  if (whole) {
    covered_ = std::move(covered);
    cover_ = std::move(cover);
  }
  for (const std::shared_ptr<Segment>& segment : segments) {
    const auto found = hints.find(segment->id());
    if (found != hints.end()) keep(segment->id(), found->second);
  }
}

}  // namespace stave
