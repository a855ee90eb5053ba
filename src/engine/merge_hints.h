// Opening the hints that a merge walks: a missing or damaged one is rebuilt from its data first.
#pragma once

#include <memory>

#include "engine/hint_file.h"

namespace stave {

// corrupt: the data file itself is damaged; *damaged is its id then. unsupported: it has range
// tombstones, which this version does not write and cannot merge.
Result<std::shared_ptr<HintFile>> open_merge_hint(Env& env, const std::shared_ptr<Segment>& segment,
                                                  uint64_t* damaged);

// After a walk over several hints ended with corrupt: walks each alone and rebuilds what is bad.
Status repair_merge_hints(Env& env, const std::vector<std::shared_ptr<Segment>>& segments,
                          uint64_t* damaged);

}  // namespace stave
