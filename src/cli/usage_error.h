// What to say of a command line that cannot be parsed.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace stave::cli {

// What is wrong, without the verb's name; `noun` is what a verb is called. REQUIRES: `app` threw
// `error`.
std::string usage_error_text(const CLI::App& app, const CLI::ParseError& error,
                             const std::string& noun = "verb");

}  // namespace stave::cli
