// How help texts look, and the verb that prints them.
#pragma once

#include <memory>

#include "cli/command.h"

namespace stave::cli {

// `noun` is what a verb is called. Before the verbs are added, which take the format over.
void set_help_format(CLI::App& app, const char* noun);

// stave help [VERB]
std::unique_ptr<Command> make_help();

}  // namespace stave::cli
