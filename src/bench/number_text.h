// Numbers of three digits or so, for reports.
#pragma once

#include <string>

namespace stave::bench {

std::string short_number(double number);  // "2294", "12.3", "0.52"
std::string short_time(double ns);        // "840 ns", "1.2 us", "15 ms", "2.1 s"
std::string short_ratio(double ratio);    // "1.52x", "12.3x"; below a tenth "1/345"
std::string short_bytes(double bytes);    // "116 MiB"

// How a ratio is to be coloured, from what short_ratio shows: above one, one, below.
const char* ratio_class(double ratio);  // "good", "even", "bad"

}  // namespace stave::bench
