// Lines of standard input as they are: no editing, no history.
#pragma once

#include "cli/line_reader.h"
#include "cli/session/line_input.h"

namespace stave::cli {

class PlainLines : public LineInput {
 public:
  // Prompts go to `prompts`; none are shown if it is null.
  explicit PlainLines(Output* prompts) : prompts_(prompts) {}

  Got next(const std::string& prompt, std::string& line) override;

 private:
  LineReader reader_{"-"};
  Output* prompts_;
};

}  // namespace stave::cli
