// What a merge of a file would write, and what it would give back, by the file's counts: statistics
// of the moment, while operations go on.
#pragma once

#include <cstdint>

#include "engine/segment.h"

namespace stave {

// At most what the records have.
[[nodiscard]] uint64_t live_bytes(const Segment& segment);
[[nodiscard]] uint64_t tombstone_bytes(const SegmentCounts& counts);
// Bytes that merging the file alone may write at most, the hint aside: what lives, and tombstones.
[[nodiscard]] uint64_t merge_need(const Segment& segment);
// Of the bytes of a file of any state, those that no merge may drop yet.
[[nodiscard]] uint64_t kept_bytes(const Segment& segment);

}  // namespace stave
