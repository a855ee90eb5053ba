#include "cli/session/command_reader.h"

#include "cli/encoding.h"

namespace stave::cli {
namespace {
constexpr char kMorePrompt[] = "  ...> ";
}

CommandReader::Command CommandReader::next() {
  Command command;
  command.line = lines_ + 1;
  text_.clear();
  for (bool first = true;; first = false) {
    std::string line;
    command.got = input_.next(first ? prompt_() : kMorePrompt, line);
    if (command.got == LineInput::Got::end && !first) {
      command.error.emplace(Exit::bad_input, "the input ends within quotes or after a backslash");
    }
    if (command.got != LineInput::Got::line) return command;
    ++lines_;
    if (first) {
      text_ = line;
    } else {
      add_line(text_, line);
    }
    try {
      Words split = split_words(text_);
      if (split.unfinished) continue;
      command.words = std::move(split.words);
    } catch (const DecodeError& error) {
      command.error.emplace(Exit::usage, error.what());
    }
    return command;
  }
}

}  // namespace stave::cli
