// How a verb gives up: an exception with the text for the user and the exit code.
#pragma once

#include <stdexcept>
#include <string>

#include "cli/exit_code.h"

namespace stave::cli {

class Failure : public std::runtime_error {
 public:
  Failure(Exit exit, const std::string& text) : std::runtime_error(text), exit_(exit) {}
  Exit exit() const { return exit_; }

 private:
  Exit exit_;
};

// The reader of our standard output went away (`stave list | head`): end without a word.
class BrokenPipe : public std::exception {};

// The failure of the stave call that just returned `status` on this thread.
Failure status_failure(int status);

// Throws status_failure unless `status` is STAVE_OK.
void check(int status);

// "what: strerror(error)", as Exit::no_space or Exit::io.
Failure system_failure(const std::string& what, int error);

// For filters of terminal output: control bytes in foreign text (paths, keys) become \xNN, so
// that an error stays one line and cannot drive the terminal.
std::string one_line(const std::string& text);

}  // namespace stave::cli
