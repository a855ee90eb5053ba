// A command of `stave repl` as words, and words as text that gives them back.
//
// Words stand apart by blanks. 'single' and "double" quotes both hold blanks, newlines and the
// other quote. A backslash begins an escape, inside quotes and outside:
//
//   \n \t \r \0 \xHH    that byte
//   \\ \" \' \#         that character; so is a backslash before a blank
//   at a line's end     the command goes on in the next line; nothing of both stays
//
// A # where a word could begin starts a comment up to the end of the line. All other bytes are what
// they are, NUL and broken UTF-8 included.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"

namespace stave::cli {

struct Words {
  std::vector<Argument> words;
  bool unfinished = false;        // within quotes, or after a backslash: more lines are wanted
  std::optional<size_t> last_at;  // where the last word begins, if the text ends inside of it
};

// Throws DecodeError for an escape that does not exist.
Words split_words(std::string_view text);

// One word that split_words makes these bytes of. Printable, and one line.
std::string quote_word(std::string_view bytes);

// The same for a word that is to be typed on: without the closing quote.
std::string quote_word_begin(std::string_view bytes);

// Adds a line to a command that was unfinished so far.
void add_line(std::string& command, std::string_view line);

// The command in one line, for the history.
std::string as_one_line(std::string_view command);

}  // namespace stave::cli
