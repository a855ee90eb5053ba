#include "engine/merge_expiry.h"

#include <algorithm>

#include "engine/hint_file.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

Status learn(Env& env, const std::shared_ptr<Segment>& segment) {
  auto hint = HintFile::open(env, segment);
  if (!hint.ok()) return hint.status();
  const uint64_t now_ms = env.expiry.now_ms();
  const auto cursor = (*hint)->cursor();
  while (cursor->next()) {
    const HintEntry& e = cursor->entry();
    if (e.expires_at_ms != 0) segment->expiry.add(e.expires_at_ms, now_ms);
  }
  return cursor->status();
}

}  // namespace

// Superseded records are among those that the file counts: live ones have their share of them.
uint64_t expired_records(const Env& env, const Segment& segment) {
  const SegmentCounts& c = segment.counts;
  const uint64_t live = c.live_records();
  if (live == 0 || !segment.expiry.may_expire()) return 0;
  const uint64_t expired = segment.expiry.expired_by(env.expiry.reclaim_ms());
  const uint64_t operations = c.operations.load(kRelaxed);
  const uint64_t puts =
      std::max(operations - std::min(operations, c.tombstones.load(kRelaxed)), live);
  return std::min(live, (expired * live + puts - 1) / puts);
}

bool any_expired(const Env& env, const Segment& segment) {
  return segment.expiry.first_ms() <= env.expiry.reclaim_ms();
}

void learn_expiries(Env& env, const Version& version) {
  for (const auto& segment : version.segments) {
    if (!segment->sealed() || segment->expiry.complete()) continue;
    if (learn(env, segment).ok()) {
      segment->expiry.set_complete();
    } else {
      segment->expiry.give_up();
    }
  }
}

}  // namespace stave
