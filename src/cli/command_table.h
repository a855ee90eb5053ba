// The verbs of the command with their flags and arguments, as plain data: what the parser knows,
// for manual pages and shell completions.
#pragma once

#include <stave/stave.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace stave::cli {

struct FlagRow {
  std::vector<std::string> names;  // "-F", "--format"
  std::string value;               // what follows it: "FILE", "raw|hex"; "" of a switch
  std::string help;
};

struct ArgumentRow {
  std::string name;  // "KEY"
  std::string value;
  bool required;
  bool many;
  std::string help;
};

struct VerbRow {
  std::string name;
  std::string summary;
  std::vector<ArgumentRow> arguments;
  std::vector<FlagRow> flags;
};

struct CommandTable {
  std::vector<FlagRow> globals;
  std::vector<VerbRow> verbs;
  std::vector<stave_option_info> engine;
  std::vector<stave_option_info> engine_flags;  // those that are flags, too: --NAME VALUE
};

// REQUIRES: `app` is the whole parser, with all verbs declared.
CommandTable command_table(const CLI::App& app);

// "raw|hex" is a choice, and every word in lower case; "FILE" is none.
std::vector<std::string> choices_of(const std::string& value);

// The values that an engine option takes, as far as they are words.
std::vector<std::string> choices_of(const stave_option_info& option);

// Words with a blank between them.
std::string joined(const std::vector<std::string>& words);

// All parts, one behind the other.
std::string concat(std::initializer_list<std::string_view> parts);

// What a value or argument is the name of.
bool is_file(const std::string& value);
bool is_directory(const std::string& value);

}  // namespace stave::cli
