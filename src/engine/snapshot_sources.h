// The sorted sources of a snapshot: for each file its hint or its runs.
#pragma once

#include <memory>
#include <vector>

#include "engine/cursor.h"
#include "engine/env.h"
#include "engine/iterator.h"

namespace stave {

struct SnapshotSources {
  std::vector<std::unique_ptr<Cursor>> cursors;
  std::vector<HintRangeTombstone> ranges;  // those within the snapshot
};

// Entries newer than the snapshot may be among the cursors'; no older one is hidden by them.
Status open_sources(const std::shared_ptr<Env>& env, const Snapshot& snapshot,
                    SnapshotSources* out);

}  // namespace stave
