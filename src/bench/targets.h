// How stave stands against the targets that the project set itself. docs/benchmark.md lists them.
#pragma once

#include <vector>

#include "bench/summary.h"
#include "bench/table.h"

namespace stave::bench {

inline constexpr char kMet[] = "met";
inline constexpr char kMissed[] = "missed";

// Two tables, of rates and of everything else, each only if the run has figures for it. Columns and
// rows whose engines did not run are left out.
std::vector<Table> target_tables(const Summary& summary);

}  // namespace stave::bench
