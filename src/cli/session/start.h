// How `repl` and `menu` come to their store and to their lines.
#pragma once

#include <memory>
#include <string>

#include "cli/session/session.h"

namespace stave::cli {

// True if somebody types and sees: standard input and output are a terminal.
bool is_interactive();

// The argument DIR, which says the same as --dir.
void declare_store_argument(CLI::App& verb, std::string& dir);
// Throws Failure if both were given.
void take_store_argument(Context& context, const CLI::App& verb, const std::string& dir);

// Opens the store that is there for reading and writing; null if there is none.
std::unique_ptr<Session> open_existing(const Context& context);

}  // namespace stave::cli
