#include "engine/merge_planner.h"

#include <algorithm>
#include <set>

#include "engine/chain_cursor.h"
#include "engine/merge_expiry.h"
#include "engine/merge_need.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

uint64_t minus(uint64_t a, uint64_t b) { return a - std::min(a, b); }

uint64_t live_records(const Segment& s) { return s.counts.live_records(); }

bool all_live(const Segment& s) { return live_records(s) >= s.counts.operations.load(kRelaxed); }

// What is no put and no tombstone: range tombstones, and the frames of batches, which copies have
// not.
uint64_t other_bytes(const Segment& s) {
  return minus(s.tail(), kFileHeaderSize + s.counts.record_bytes.load(kRelaxed));
}

bool much_of(const Segment& s, uint64_t bytes) {
  return bytes >= std::max<uint64_t>(s.tail() / 8, 4096);
}

bool lists(const Version& version, uint64_t id) {
  return std::any_of(version.segments.begin(), version.segments.end(),
                     [&](const auto& s) { return s->id() == id; });
}

std::string mib(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

bool MergePlanner::allowed_now() const {
  const Options& o = env_.options;
  if (o.merge_policy != MergePolicy::window) return o.merge_policy == MergePolicy::always;
  const auto hour = static_cast<uint64_t>(env_.clock.local_hour());
  const uint64_t start = o.merge_window_start;
  const uint64_t end = o.merge_window_end;
  // Both hours are included; a window may reach over midnight.
  if (start <= end) return start <= hour && hour <= end;
  return hour >= start || hour <= end;
}

SegmentList MergePlanner::chosen_now(const Version& version) const {
  SegmentList chosen;
  bool starts = false;
  size_t small = 0;
  for (const auto& segment : version.segments) {
    if (!segment->sealed() || damaged_.count(segment->id()) != 0) continue;
    const Judgement j = judge(*segment, version);
    if (!j.joins && !j.small) continue;
    starts |= j.starts;
    if (j.small) ++small;
    chosen.push_back(segment);
  }
  if (!starts && small < kSmallFilesStart) return {};
  return chosen;
}

std::vector<SegmentList> MergePlanner::due(const Version& version) const {
  MutexLock lock(mutex_);
  uint64_t live = 0;
  for (const auto& segment : version.segments) live += live_bytes(*segment);
  // Space comes back at a round's end: small steps, for as little as possible in between.
  return rounds(chosen_now(version),
                std::clamp(live / 8, env_.options.max_file_size, kMergeRoundBytes));
}

SegmentList MergePlanner::deadest(const Version& version) const {
  MutexLock lock(mutex_);
  constexpr uint64_t kShareMost = 875;
  struct Candidate {
    uint64_t need;   // bytes
    uint64_t share;  // of the file, in thousandths
    std::shared_ptr<Segment> segment;
  };
  std::vector<Candidate> candidates;
  for (const auto& round : rounds(chosen_now(version), kMergeRoundBytes)) {
    for (const auto& segment : round) {
      const uint64_t need = merge_need(*segment);
      const uint64_t share = need * 1000 / std::max<uint64_t>(segment->tail(), 1);
      if (share > kShareMost) continue;
      candidates.push_back({need, share, segment});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.share < b.share; });
  // What a round copies takes space until it ends.
  const uint64_t most = env_.options.max_file_size;
  SegmentList round;
  uint64_t bytes = 0;
  for (auto& c : candidates) {
    if (!round.empty() && bytes + c.need > most) break;
    bytes += c.need;
    round.push_back(std::move(c.segment));
  }
  return round;
}

std::vector<SegmentList> MergePlanner::everything(const Version& version) const {
  MutexLock lock(mutex_);
  SegmentList chosen;
  bool cause = false;
  for (const auto& segment : version.segments) {
    if (!segment->sealed() || damaged_.count(segment->id()) != 0) continue;
    const Judgement j = judge(*segment, version);
    cause |= j.dead;
    // Kept tombstones too: the files that held them may be leaving in this very merge.
    if (j.dead || j.small || !nothing_to_drop(*segment)) chosen.push_back(segment);
  }
  if (!cause) return {};
  return rounds(chosen, kMergeRoundBytes);
}

std::vector<SegmentList> MergePlanner::sorting(const Version& version) const {
  std::vector<SegmentList> list;
  std::set<const Segment*> dead;
  {
    MutexLock lock(mutex_);
    SegmentList chosen;
    for (const auto& segment : version.segments) {
      if (!segment->sealed() || damaged_.count(segment->id()) != 0) continue;
      chosen.push_back(segment);
      if (judge(*segment, version).dead) dead.insert(segment.get());
    }
    list = rounds(chosen, kMergeRoundBytes);
  }
  std::erase_if(list, [&](const SegmentList& round) {
    return std::none_of(round.begin(), round.end(),
                        [&](const auto& s) { return dead.count(s.get()) != 0; }) &&
           in_order(round, version);
  });
  return list;
}

bool MergePlanner::in_order(const SegmentList& files, const Version& version) const {
  std::vector<std::shared_ptr<HintFile>> hints;
  for (const auto& segment : files) {
    auto hint = version.hints->open(env_, segment);
    if (!hint.ok()) return false;
    hints.push_back(hint.take());
  }
  return chains_of(hints).size() <= 1;
}

bool MergePlanner::nothing_to_drop(const Segment& segment) const {
  return all_live(segment) && !much_of(segment, other_bytes(segment)) &&
         !any_expired(env_, segment);
}

std::vector<SegmentList> MergePlanner::rounds(const SegmentList& chosen, uint64_t most) const {
  std::vector<SegmentList> list;
  SegmentList dead;
  SegmentList round;
  uint64_t bytes = 0;
  for (const auto& segment : chosen) {
    if (live_records(*segment) == 0) {
      dead.push_back(segment);
      continue;
    }
    if (!round.empty() && bytes + live_bytes(*segment) > most) {
      list.push_back(std::move(round));
      round.clear();
      bytes = 0;
    }
    bytes += live_bytes(*segment);
    round.push_back(segment);
  }
  if (!round.empty()) list.push_back(std::move(round));
  std::erase_if(list, [&](const auto& r) { return r.size() == 1 && nothing_to_drop(*r.front()); });
  if (!dead.empty()) list.insert(list.begin(), std::move(dead));
  return list;
}

std::string MergePlanner::note(const Segment& segment, const Version& version) const {
  MutexLock lock(mutex_);
  if (!segment.sealed()) return "not sealed yet";
  if (damaged_.count(segment.id()) != 0) return "damaged: left alone until the store is reopened";
  const std::string why = judge(segment, version).why;
  if (env_.options.merge_policy == MergePolicy::never) return "merge.policy is never; " + why;
  if (!allowed_now()) return "outside of the merge window; " + why;
  return why;
}

bool MergePlanner::is_small(const Segment& segment) const {
  const Options& o = env_.options;
  return segment.tail() < std::min(o.merge_threshold_small_file, o.max_file_size / 2) &&
         segment.counts.operations.load(kRelaxed) <= o.max_file_entries / 2;
}

MergePlanner::Judgement MergePlanner::judge(const Segment& segment, const Version& version) const {
  const Options& o = env_.options;
  const SegmentCounts& c = segment.counts;
  const Kept kept = kept_of(segment, version);
  const uint64_t operations = c.operations.load(kRelaxed);
  const uint64_t live = live_records(segment);
  const uint64_t expired = expired_records(env_, segment);
  const uint64_t records = minus(minus(operations, live) + expired, kept.tombstones);
  const uint64_t bytes =
      minus(minus(c.record_bytes.load(kRelaxed), live_bytes(segment)), kept.bytes) +
      (live == 0 ? 0 : live_bytes(segment) / live * expired);
  const uint64_t percent = operations == 0 ? 0 : records * 100 / operations;

  const uint64_t others = minus(other_bytes(segment), kept.other_bytes);
  const uint64_t others_percent = others * 100 / std::max<uint64_t>(segment.tail(), 1);

  Judgement j;
  j.small = is_small(segment);
  if (operations == 0 && !kept.holders.empty()) {
    j.why = "its range deletions are needed by other files";
    return j;
  }
  if (operations == 0) {
    j.dead = j.joins = true;
    j.starts = much_of(segment, others);
    j.why =
        j.starts ? "starts a merge: nothing but deleted ranges" : "empty: goes with the next merge";
    return j;
  }
  j.dead = records > 0 || much_of(segment, others) || any_expired(env_, segment);
  const auto over = [&](uint64_t limit_percent, uint64_t limit_bytes) -> std::string {
    if (others_percent >= limit_percent && much_of(segment, others)) {
      return "deleted ranges and frames of batches " + std::to_string(others_percent) +
             " % >= " + std::to_string(limit_percent) + " %";
    }
    if (records == 0) return "";
    const std::string dead = "dead " + std::to_string(percent) + " %";
    if (percent >= limit_percent) return dead + " >= " + std::to_string(limit_percent) + " %";
    if (bytes >= limit_bytes) return "dead " + mib(bytes) + " >= " + mib(limit_bytes);
    return "";
  };
  j.why = over(o.merge_trigger_fragmentation, o.merge_trigger_dead_bytes);
  j.starts = j.joins = !j.why.empty();
  if (j.starts) {
    j.why = "starts a merge: " + j.why;
    return j;
  }
  j.why = over(o.merge_threshold_fragmentation, o.merge_threshold_dead_bytes);
  j.joins = !j.why.empty();
  if (j.joins) {
    j.why = "joins the next merge: " + j.why;
  } else if (j.small) {
    j.why = "small: joins the next merge";
  } else {
    j.why = "dead " + std::to_string(percent) + " % < " +
            std::to_string(o.merge_threshold_fragmentation) + " %";
    if (kept.tombstones > 0) {
      j.why += "; " + std::to_string(kept.tombstones) + " tombstones needed by other files";
    }
  }
  return j;
}

MergePlanner::Kept MergePlanner::kept_of(const Segment& segment, const Version& version) const {
  const auto known = kept_.find(segment.id());
  if (known == kept_.end()) return {};
  for (const TombstoneHolder& holder : known->second.holders) {
    const bool stands = std::any_of(
        version.segments.begin(), version.segments.end(),
        [&](const auto& s) { return s->id() == holder.file_id && s->sealed() == holder.sealed; });
    if (!stands) return {};
  }
  return known->second;
}

void MergePlanner::learn_kept(const SegmentList& outputs,
                              const std::vector<TombstoneHolder>& holders, const Version& version) {
  MutexLock lock(mutex_);
  std::erase_if(kept_, [&](const auto& known) { return !lists(version, known.first); });
  for (const auto& segment : outputs) {
    const SegmentCounts& c = segment->counts;
    const uint64_t tombstones = c.tombstones.load(kRelaxed);
    const uint64_t others = other_bytes(*segment);
    if (tombstones == 0 && others == 0 && c.operations.load(kRelaxed) != 0) continue;
    kept_[segment->id()] = {tombstones, tombstone_bytes(c), others, holders};
  }
}

void MergePlanner::learn_damaged(uint64_t file_id, const Status& why) {
  MutexLock lock(mutex_);
  damaged_[file_id] = why;
}

Status MergePlanner::damage(const Version& version) const {
  MutexLock lock(mutex_);
  for (const auto& segment : version.segments) {
    if (auto known = damaged_.find(segment->id()); known != damaged_.end()) return known->second;
  }
  return {};
}

}  // namespace stave
