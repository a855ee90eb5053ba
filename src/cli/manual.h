// The manual pages as troff, from the tables that the parser and the library have.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace stave::cli {

std::string manual_of_command(const CommandTable& table);  // stave(1)
std::string manual_of_options(const CommandTable& table);  // stave-options(7)

}  // namespace stave::cli
