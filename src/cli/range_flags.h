// --from, --to and --prefix, the same on every verb that has them.
#pragma once

#include <stave/stave.h>

#include <cstdint>
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

// --limit, --keys-only and --values.
struct RowFlags {
  void declare(CLI::App& verb);

  uint64_t limit = UINT64_MAX;
  bool keys_only = false;
  bool values = false;
};

}  // namespace stave::cli
