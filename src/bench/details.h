// What workloads say beside their rates, as tables; and what must be known to read any table.
#pragma once

#include <string>
#include <vector>

#include "bench/summary.h"
#include "bench/table.h"

namespace stave::bench {

// One for each workload with figures of its own that ran: readers beside writers and merges, puts
// beside merges and after an open, cold reads, closing.
std::vector<Table> detail_tables(const Summary& summary);

// Engines that ran with fewer records, and why cells are empty.
std::vector<std::string> footnotes(const Summary& summary);

// "*" behind the name of an engine that a footnote speaks of.
std::string marked_name(const Summary& summary, const EngineKind& kind);

}  // namespace stave::bench
