// The library's option table: the only list of options there is.
#pragma once

#include <stave/stave.h>

#include <vector>

namespace stave::cli {

std::vector<stave_option_info> engine_options();

}  // namespace stave::cli
