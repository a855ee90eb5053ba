#include "engine/merge_need.h"

#include <algorithm>

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

// Statistics of the moment: live bytes may be a little off, so they are clamped.
uint64_t live_bytes(const Segment& s) {
  return std::min(s.counts.live_bytes(), s.counts.record_bytes.load(kRelaxed));
}

// As the records say that are no puts.
uint64_t tombstone_bytes(const SegmentCounts& c) {
  uint64_t put_bytes = 0;
  for (const auto& bytes : c.class_bytes) put_bytes += bytes.load(kRelaxed);
  const uint64_t all = c.record_bytes.load(kRelaxed);
  return all - std::min(put_bytes, all);
}

uint64_t merge_need(const Segment& segment) {
  if (segment.counts.live_records() == 0 && segment.counts.tombstones.load(kRelaxed) == 0) return 0;
  return live_bytes(segment) + tombstone_bytes(segment.counts);
}

uint64_t note_space_use(const Version& version, SpacePressure* pressure) {
  uint64_t bytes = 0;
  uint64_t kept = 0;
  for (const auto& segment : version.segments) {
    const uint64_t tail = segment->tail();
    bytes += tail;
    kept += segment->sealed() ? std::min(merge_need(*segment), tail) : tail;
  }
  pressure->note(bytes, kept);
  return bytes;
}

}  // namespace stave
