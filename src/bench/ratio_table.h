// The speed of the first engine as a multiple of each, as an HTML table with colours.
#pragma once

#include <string>

#include "bench/summary.h"

namespace stave::bench {

std::string ratio_table(const Summary& summary);

}  // namespace stave::bench
