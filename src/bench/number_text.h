// Numbers of three digits or so, for reports.
#pragma once

#include <string>

namespace stave::bench {

std::string short_number(double number);  // "2294", "12.3", "0.52"
std::string short_time(double ns);        // "840 ns", "1.2 us", "15 ms", "2.1 s"
std::string short_bytes(double bytes);    // "116 MiB"

}  // namespace stave::bench
