// What a merge of a file would write, and what it would give back, by the file's counts: statistics
// of the moment, while operations go on.
#pragma once

#include <cstdint>

#include "engine/catalog.h"
#include "engine/segment.h"
#include "engine/space_pressure.h"

namespace stave {

// At most what the records have.
[[nodiscard]] uint64_t live_bytes(const Segment& segment);
[[nodiscard]] uint64_t tombstone_bytes(const SegmentCounts& counts);
// Bytes that merging the file alone may write at most, the hint aside: what lives, and tombstones.
[[nodiscard]] uint64_t merge_need(const Segment& segment);
// Tells the pressure what the files hold, and what of it no merge may drop yet. Returns their
// bytes.
uint64_t note_space_use(const Version& version, SpacePressure* pressure);

}  // namespace stave
