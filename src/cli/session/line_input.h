// Where a session gets its lines from: somebody at a terminal, or a file or pipe.
#pragma once

#include <string>

#include "cli/output.h"

namespace stave::cli {

class LineInput {
 public:
  enum class Got { line, end, interrupted };

  LineInput() = default;
  virtual ~LineInput() = default;
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;

  // `line` comes without its newline. `interrupted`: Ctrl-C was typed. Throws Failure.
  virtual Got next(const std::string& prompt, std::string& line) = 0;
};

}  // namespace stave::cli
