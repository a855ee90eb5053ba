#include "cli/completions.h"

namespace stave::cli {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// The flags of `complete` that say what follows.
std::string value_text(const std::string& value) {
  if (value.empty()) return "";
  if (is_file(value)) return " -r -F";
  if (is_directory(value)) return " -x -a '(__fish_complete_directories)'";
  const std::string words = joined(choices_of(value));
  return words.empty() ? " -x" : concat({" -x -a ", quoted(words)});
}

void append_flag(std::string& out, const std::string& condition, const FlagRow& flag) {
  out += "complete -c stave" + condition;
  for (const std::string& name : flag.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (flag.value == "NAME=VALUE") {
    out += " -x -a '(__stave_options)'";
  } else {
    out += value_text(flag.value);
  }
  out += " -d " + quoted(flag.help) + "\n";
}

void append_verb(std::string& out, const VerbRow& verb) {
  const std::string condition = " -n '__fish_seen_subcommand_from " + verb.name + "'";
  out += "complete -c stave -n __fish_use_subcommand -a " + verb.name + " -d " +
         quoted(verb.summary) + "\n";
  for (const ArgumentRow& argument : verb.arguments) {
    const bool named = is_file(argument.name) || is_directory(argument.name);
    const std::string text = value_text(named ? argument.name : argument.value);
    if (text != " -x" && !text.empty()) out += "complete -c stave" + condition + text + "\n";
  }
  for (const FlagRow& flag : verb.flags) append_flag(out, condition, flag);
}

}  // namespace

std::string fish_completions(const CommandTable& table) {
  std::string out = "# Completions of stave for fish. Made by 'stave completions fish'.\n\n";
  out += "function __stave_options\n  printf '%s=\\n'";
  for (const stave_option_info& option : table.engine) out += std::string(" ") + option.name;
  out += "\nend\n\ncomplete -c stave -f\n";
  for (const FlagRow& flag : table.globals) append_flag(out, "", flag);
  for (const stave_option_info& option : table.engine_flags) {
    const std::string words = joined(choices_of(option));
    out += concat({"complete -c stave -l ", option.name, " -x"});
    if (!words.empty()) out += concat({" -a ", quoted(words)});
    out += concat({" -d ", quoted(option.description), "\n"});
  }
  for (const VerbRow& verb : table.verbs) append_verb(out, verb);
  return out;
}

}  // namespace stave::cli
