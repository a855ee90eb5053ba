// The report as one HTML page that needs nothing else: inline charts, light and dark.
#pragma once

#include <string>

#include "bench/environment.h"
#include "bench/summary.h"

namespace stave::bench {

std::string html_report(const Environment& here, const Settings& settings, const Summary& summary);

}  // namespace stave::bench
