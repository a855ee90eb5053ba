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

// Numbers of three digits or so.
std::string short_number(double number);  // "2294", "12.3", "0.52"
std::string short_time(double ns);        // "840 ns", "1.2 us", "15 ms", "2.1 s"
std::string short_bytes(double bytes);    // "116 MiB"

}  // namespace stave::bench
