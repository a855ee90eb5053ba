// The library's option table: the only list of options there is.
#pragma once

#include <stave/stave.h>

#include <string>
#include <vector>

namespace stave::cli {

std::vector<stave_option_info> engine_options();

// For people: what a value is counted in, and between what it lies ("" for no bounds).
std::string option_unit(const stave_option_info& option);
std::string option_bounds(const stave_option_info& option);

// How sizes and durations are written.
const char* option_units_help();

}  // namespace stave::cli
