// Whether the stores of a run fit onto the disk: asked before hours of work, not after them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/engine.h"
#include "bench/settings.h"

namespace stave::bench {

// Of a disk with `free_bytes` free below --data-dir: throws UsageError if not even the records fit;
// returns a warning if overwritten records, which engines keep for a while, may not; else "".
std::string space_warning(const Settings& settings, const std::vector<EngineKind>& engines,
                          uint64_t free_bytes);

// What is free below `dir` for who runs this; the greatest number if nobody can tell.
uint64_t free_bytes_of(const std::string& dir);

}  // namespace stave::bench
