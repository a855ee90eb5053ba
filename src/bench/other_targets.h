// The targets that are no ratio of rates to the best peer and the limit.
#pragma once

#include "bench/summary.h"
#include "bench/table.h"

namespace stave::bench {

// A row for each that the run has figures for: met, missed, or why it is not judged.
Table other_targets(const Summary& summary);

}  // namespace stave::bench
