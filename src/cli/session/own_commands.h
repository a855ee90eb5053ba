// The commands that only a session has.
#pragma once

#include <vector>

#include "cli/command.h"

namespace stave::cli {

class Session;

std::vector<Verb> make_own_commands(Session& session);

}  // namespace stave::cli
