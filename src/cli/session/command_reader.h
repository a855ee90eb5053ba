// Puts the lines of an input together until they are a command.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/failure.h"
#include "cli/session/line_input.h"
#include "cli/session/words.h"

namespace stave::cli {

class CommandReader {
 public:
  struct Command {
    LineInput::Got got = LineInput::Got::line;
    std::vector<Argument> words;
    std::optional<Failure> error;  // no words: an escape that does not exist, an end within quotes
    uint64_t line = 0;             // its first one
  };

  // `prompt` is called for each command; its lines after the first have a prompt of their own.
  CommandReader(LineInput& input, std::function<std::string()> prompt)
      : input_(input), prompt_(std::move(prompt)) {}

  // Throws Failure if the input cannot be read.
  Command next();

  // The lines so far of the command that is being read, or was read last.
  const std::string& text() const { return text_; }

 private:
  LineInput& input_;
  std::function<std::string()> prompt_;
  std::string text_;
  uint64_t lines_ = 0;
};

}  // namespace stave::cli
