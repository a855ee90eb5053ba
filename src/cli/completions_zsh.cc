#include "cli/completions.h"

namespace stave::cli {
namespace {

// Inside single quotes, and in what _arguments takes apart at brackets and colons.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string words_of(const std::vector<std::string>& words) {
  std::string out = "(";
  out += quoted(joined(words));
  out += ')';
  return out;
}

// The action behind the second colon.
std::string action(const std::string& value) {
  if (is_file(value)) return "_files";
  if (is_directory(value)) return "_files -/";
  if (value == "NAME=VALUE") return "->option";
  const std::vector<std::string> words = choices_of(value);
  return words.empty() ? "" : words_of(words);
}

// One line for each name: the others cannot stand beside it.
void append_flag(std::string& out, const FlagRow& flag, const char* indent) {
  const bool repeats = flag.value == "NAME=VALUE";
  for (const std::string& name : flag.names) {
    out += indent;
    out += '\'';
    out += repeats ? "*" : words_of(flag.names);
    out += name;
    if (!flag.value.empty()) out += name.starts_with("--") ? "=" : "+";
    out += concat({"[", quoted(flag.help), "]"});
    if (!flag.value.empty()) out += concat({":", quoted(flag.value), ":", action(flag.value)});
    out += "'\n";
  }
}

void append_verb(std::string& out, const VerbRow& verb) {
  out += concat({"    (", verb.name, ")\n      _arguments -S $globals \\\n"});
  std::string lines;
  for (const FlagRow& flag : verb.flags) append_flag(lines, flag, "        ");
  for (const ArgumentRow& argument : verb.arguments) {
    const bool named = is_file(argument.name) || is_directory(argument.name);
    const char* count = argument.required ? "" : ":";
    if (argument.many) count = "*";
    lines += concat({"        '", count, ":", quoted(argument.name), ":",
                     action(named ? argument.name : argument.value), "'\n"});
  }
  for (const char c : lines) {
    if (c == '\n') out += " \\";
    out += c;
  }
  out += "        && return\n      ;;\n";
}

void append_engine(std::string& out, const CommandTable& table) {
  for (const stave_option_info& option : table.engine_flags) {
    const std::vector<std::string> words = choices_of(option);
    out += concat({"    '(--", option.name, ")--", option.name, "=[", quoted(option.description),
                   "]:", option.type, ":", words.empty() ? "" : words_of(words), "'\n"});
  }
}

}  // namespace

std::string zsh_completions(const CommandTable& table) {
  std::string out = "#compdef stave\n# Made by 'stave completions zsh'.\n\n_stave() {\n";
  out += "  local curcontext=$curcontext context state state_descr line\n";
  out += "  typeset -A opt_args\n  local -a globals verbs options\n  globals=(\n";
  for (const FlagRow& flag : table.globals) append_flag(out, flag, "    ");
  append_engine(out, table);
  out += "  )\n  verbs=(\n";
  for (const VerbRow& verb : table.verbs) {
    out += concat({"    '", verb.name, ":", quoted(verb.summary), "'\n"});
  }
  out += "  )\n  options=(";
  for (const stave_option_info& option : table.engine) out += concat({" ", option.name});
  out += " )\n\n  _arguments -C -S $globals ':verb:->verb' '*::argument:->argument' && return\n";
  out += "  if [[ $state == verb ]]; then\n    _describe verb verbs\n    return\n  fi\n";
  out += "  if [[ $state == argument ]]; then\n    case $words[1] in\n";
  for (const VerbRow& verb : table.verbs) append_verb(out, verb);
  out += "    esac\n  fi\n";
  out += "  if [[ $state == option ]]; then\n    compadd -S = -a options\n  fi\n}\n\n";
  return out + "_stave \"$@\"\n";
}

}  // namespace stave::cli
