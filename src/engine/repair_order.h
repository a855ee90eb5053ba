// Invariant R over all keys of some files, and the merge by key where they cannot satisfy it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/cursor.h"
#include "engine/env.h"
#include "engine/repair_output.h"

namespace stave {

// Segments in order of recency, each with a good hint (hint_only() will do).
using OrderedFiles = std::vector<std::shared_ptr<Segment>>;

// *broken_by: what breaks it; "" if it holds.
Status check_order(Env& env, const OrderedFiles& files, std::string* broken_by);

// Merges all of them by key into new files, whose headers `new_header` gives, and tells them in
// `made`. Tombstones stay; range tombstones come in a log file of their own, by number.
Status merge_by_key(const std::shared_ptr<Env>& env, const OrderedFiles& files,
                    const std::function<FileHeader(Origin)>& new_header,
                    const std::function<void(const FileHeader&, const ManifestFile&)>& made);

}  // namespace stave
