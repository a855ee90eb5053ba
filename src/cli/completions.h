// Shell completions, from the table of the command.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace stave::cli {

std::string bash_completions(const CommandTable& table);
std::string zsh_completions(const CommandTable& table);
std::string fish_completions(const CommandTable& table);

}  // namespace stave::cli
