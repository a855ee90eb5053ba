#include "engine/merge_tombstones.h"

namespace stave {
namespace {

// Of a hint looked at for one range tombstone. Where more stand in the range, it is kept.
constexpr uint64_t kWalkMax = 1 << 20;
constexpr uint64_t kAskAfter = 4096;

}  // namespace

TombstoneRule::TombstoneRule(Env& env, SegmentList staying) : env_(env) {
  for (auto& segment : staying) {
    const bool sealed = segment->sealed();
    staying_.push_back({std::move(segment), sealed, false, false, nullptr});
  }
}

bool TombstoneRule::must_keep(Bytes key, uint64_t seq) {
  for (Staying& file : staying_) {
    if (!may_hold_older_put(file, key, seq)) continue;
    file.holds = true;
    return true;
  }
  return false;
}

bool TombstoneRule::must_keep(const HintRangeTombstone& range, const std::function<bool()>& stop) {
  for (Staying& file : staying_) {
    if (!may_hold_older_put(file, range, stop)) continue;
    file.holds = true;
    return true;
  }
  return false;
}

std::vector<TombstoneHolder> TombstoneRule::holders() const {
  std::vector<TombstoneHolder> list;
  for (const Staying& file : staying_) {
    if (file.holds) list.push_back({file.segment->id(), file.sealed});
  }
  return list;
}

bool TombstoneRule::older(Staying& file, uint64_t seq, bool* undecided) {
  *undecided = false;
  const SegmentCounts& counts = file.segment->counts;
  // Acquire pairs with the writer's release of last_seq: a file that has an operation, and is
  // not ours to read a zero from, has its first_seq.
  if (counts.last_seq.load(std::memory_order_acquire) == 0) return false;
  const uint64_t first = counts.first_seq.load(std::memory_order_relaxed);
  if (first > seq) return false;
  if (!file.sealed) return true;
  if (!file.tried) {
    file.tried = true;
    auto hint = HintFile::open(env_, file.segment);
    if (hint.ok()) file.hint = hint.take();
  }
  *undecided = file.hint != nullptr;
  return true;
}

// By the newest entry of each key: what it supersedes in the same file no loading brings back.
bool TombstoneRule::may_hold_older_put(Staying& file, const HintRangeTombstone& range,
                                       const std::function<bool()>& stop) {
  bool undecided = false;
  if (!older(file, range.seq, &undecided)) return false;
  if (!undecided) return true;
  const auto cursor = file.hint->cursor();
  cursor->seek(range.from);
  for (uint64_t walked = 0; cursor->next(); ++walked) {
    const HintEntry& e = cursor->entry();
    if (!range.to.empty() && e.key >= range.to) return false;
    if (walked % kAskAfter == kAskAfter - 1 && stop && stop()) return true;
    if (walked == kWalkMax || (e.kind == Kind::put && e.seq < range.seq)) return true;
  }
  return !cursor->status().ok();
}

bool TombstoneRule::may_hold_older_put(Staying& file, Bytes key, uint64_t seq) {
  bool undecided = false;
  if (!older(file, seq, &undecided)) return false;
  if (!undecided) return true;
  const auto contains = file.hint->contains(key);
  if (!contains.ok()) return true;
  if (!*contains) return false;
  HintEntry newest;
  const Status found = file.hint->find(key, &key_storage_, &newest);
  if (found.is(Code::not_found)) return false;
  return !found.ok() || (newest.kind == Kind::put && newest.seq < seq);
}

}  // namespace stave
