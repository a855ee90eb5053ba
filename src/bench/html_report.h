// The report as one HTML page that needs nothing else: inline charts, light and dark.
#pragma once

#include <string>

#include "bench/environment.h"
#include "bench/summary.h"

namespace stave::bench {

// `how_it_ended`: "" if the run is whole.
std::string html_report(const Environment& here, const Settings& settings, const Summary& summary,
                        const std::string& how_it_ended);

}  // namespace stave::bench
