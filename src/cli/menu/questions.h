// Questions to somebody who does not know the commands: what cannot be is asked again, and an empty
// answer goes back. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "cli/session/line_input.h"

namespace stave::cli {

class Questions {
 public:
  Questions(LineInput& input, Output& out) : input_(input), out_(out) {}

  // All answer nothing when there is nothing more to be read, after Ctrl-C, and (but for `line`)
  // for an empty line.
  std::optional<std::string> line(const std::string& prompt);
  std::optional<std::string> key(const std::string& prompt);
  std::optional<std::string> value(const std::string& prompt);

  // False where there is no answer.
  bool yes(const std::string& question);

  void say(const std::string& text) { out_.write(text + "\n"); }

  bool ended() const { return last_ == LineInput::Got::end; }
  bool interrupted() const { return last_ == LineInput::Got::interrupted; }

 private:
  // `as_empty`: what is typed for no bytes at all.
  std::optional<std::string> bytes(const std::string& prompt, std::string_view as_empty);

  LineInput& input_;
  Output& out_;
  LineInput::Got last_ = LineInput::Got::line;
};

// Keys and values as they are shown, and may be typed: one line, with escapes where needed.
std::string shown(std::string_view bytes);

// The same, at most so many columns of it.
std::string shown_within(std::string_view bytes, size_t columns);

}  // namespace stave::cli
