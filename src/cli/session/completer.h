// What may stand where the cursor is: a command, a flag of it, or a key of the store.
#pragma once

#include <string>
#include <vector>

#include "cli/session/line_editor.h"

namespace stave::cli {

class Session;

// More keys than this are not looked for.
inline constexpr size_t kKeyChoicesMax = 100;

// `earlier`: the lines of the command before the present one, which must stay as they are.
Completion complete_command(Session& session, const std::string& earlier, const std::string& line);

}  // namespace stave::cli
