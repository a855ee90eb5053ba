// --from, --to and --prefix, the same on every verb that has them.
#pragma once

#include <stave/stave.h>

#include <string>

#include "cli/encoding.h"

namespace CLI {
class App;
}

namespace stave::cli {

class RangeFlags {
 public:
  void declare(CLI::App& verb);
  // Sets the range of `options`, which borrows it from here. Throws Failure.
  void apply(Encoding encoding, stave_iter_options* options);

 private:
  std::string from_, to_, prefix_;
};

// For --limit: empty if the text is a number, else what is wrong.
std::string check_limit(const std::string& text);

}  // namespace stave::cli
