// Results as text for a terminal.
#pragma once

#include <string>

#include "bench/environment.h"
#include "bench/summary.h"

namespace stave::bench {

std::string environment_text(const Environment& here, const Settings& settings);

// One block per engine: rates and latencies of each workload.
std::string results_text(const Summary& summary);

// Engines side by side: rates, ratios, targets, latencies, space and memory.
std::string comparison_text(const Summary& summary);

}  // namespace stave::bench
