// Names and words of the table need no quotes: they are letters, digits and hyphens.
#include "cli/completions.h"

namespace stave::cli {
namespace {

std::string names_of(const std::vector<FlagRow>& flags) {
  std::vector<std::string> names;
  names.reserve(flags.size());
  for (const FlagRow& flag : flags) names.push_back(joined(flag.names));
  return joined(names);
}

// What the script calls a value: @file, @dir, @any, or the words themselves.
std::string kind_of(const std::string& value) {
  if (is_file(value)) return "@file";
  if (is_directory(value)) return "@dir";
  if (value == "NAME=VALUE") return "@option";
  const std::vector<std::string> words = choices_of(value);
  return words.empty() ? "@any" : joined(words);
}

void append_case(std::string& out, const std::string& pattern, const std::string& kind) {
  out += "    ";
  out += pattern;
  out += ") kind='";
  out += kind;
  out += "' ;;\n";
}

// "'put -F' | 'put --format'"; any verb is *.
std::string pattern_of(const std::string& verb, const FlagRow& flag) {
  std::string pattern;
  for (const std::string& name : flag.names) {
    if (!pattern.empty()) pattern += " | ";
    pattern += verb.empty() ? "*'" : "'";
    pattern += verb;
    pattern += ' ';
    pattern += name;
    pattern += '\'';
  }
  return pattern;
}

void append_flags(std::string& out, const std::string& verb, const std::vector<FlagRow>& flags) {
  for (const FlagRow& flag : flags) {
    if (!flag.value.empty()) append_case(out, pattern_of(verb, flag), kind_of(flag.value));
  }
}

void append_flag_kinds(std::string& out, const CommandTable& table) {
  out += "# What follows flag $2 of verb $1, into kind; empty: nothing does.\n";
  out += "_stave_flag() {\n  kind=\n  case \"$1 $2\" in\n";
  for (const VerbRow& verb : table.verbs) append_flags(out, verb.name, verb.flags);
  append_flags(out, "", table.globals);
  for (const stave_option_info& option : table.engine_flags) {
    out += concat({"    *' --", option.name, "') _stave_option \"${2#--}\" ;;\n"});
  }
  out += "  esac\n}\n\n";
}

void append_option_kinds(std::string& out, const CommandTable& table) {
  out += "# The values of engine option $1, into kind; empty: there is no such option.\n";
  out += "_stave_option() {\n  kind=\n  case $1 in\n";
  for (const stave_option_info& option : table.engine) {
    const std::vector<std::string> words = choices_of(option);
    append_case(out, option.name, words.empty() ? "@any" : joined(words));
  }
  out += "  esac\n}\n\n";
}

void append_arguments(std::string& out, const CommandTable& table) {
  out += "# Argument number $2 (from 0) of verb $1, into kind.\n";
  out += "_stave_argument() {\n  kind=@any\n  case \"$1 $2\" in\n";
  for (const VerbRow& verb : table.verbs) {
    for (size_t i = 0; i < verb.arguments.size(); ++i) {
      const ArgumentRow& argument = verb.arguments[i];
      const bool named = is_file(argument.name) || is_directory(argument.name);
      const std::string kind = kind_of(named ? argument.name : argument.value);
      std::string pattern = "'";
      pattern += verb.name;
      pattern += argument.many ? " '*" : " ";
      if (!argument.many) pattern += std::to_string(i) += '\'';
      if (kind != "@any") append_case(out, pattern, kind);
    }
  }
  out += "  esac\n}\n\n";
}

void append_verbs(std::string& out, const CommandTable& table) {
  std::vector<std::string> verbs;
  out += "# The flags of verb $1, into words.\n_stave_flags() {\n  words=\n  case $1 in\n";
  for (const VerbRow& verb : table.verbs) {
    verbs.push_back(verb.name);
    if (!verb.flags.empty()) {
      out += concat({"    ", verb.name, ") words='", names_of(verb.flags), "' ;;\n"});
    }
  }
  out += "  esac\n}\n\n_stave_globals='" + names_of(table.globals) + "'\n";
  out += "_stave_verbs='" + joined(verbs) + "'\n";
  std::vector<std::string> options;
  for (const stave_option_info& option : table.engine) {
    options.emplace_back(option.name);
  }
  std::vector<std::string> flags;
  for (const stave_option_info& option : table.engine_flags) {
    flags.push_back(concat({"--", option.name}));
  }
  out += concat({"_stave_options='", joined(options), "'\n"});
  out += concat({"_stave_engine='", joined(flags), "'\n\n"});
}

// Readline takes "--flag=value" apart at the "=", which becomes a word of its own.
constexpr char kMain[] = R"(# Completes $2 to what kind $1 says.
_stave_reply() {
  local IFS=$'\n'
  case $1 in
    @any) ;;
    @file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    @dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    @option) compopt -o nospace 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -S = -W "${_stave_options// /$'\n'}" -- "$2") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "${1// /$'\n'}" -- "$2") ;;
  esac
}

_stave() {
  local cur=${COMP_WORDS[COMP_CWORD]} verb='' kind='' words='' flag='' option='' arguments=0 i
  COMPREPLY=()
  # flag: the one whose value comes next; option: NAME of -o NAME=, whose value comes next.
  for ((i = 1; i < COMP_CWORD; ++i)); do
    local word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ -n $option && ${COMP_WORDS[i - 1]} == = ]]; then
      option=''
    elif [[ -n $flag ]]; then
      option=''
      if [[ $kind == @option ]]; then option=$word; fi
      flag=''
    elif [[ $word == -* ]]; then
      option=''
      _stave_flag "$verb" "$word"
      if [[ -n $kind ]]; then flag=$word; fi
    elif [[ -z $verb ]]; then
      option='' verb=$word
    else
      option=''
      ((++arguments))
    fi
  done
  local before=${COMP_WORDS[COMP_CWORD - 1]}
  if [[ -n $option && ( $cur == = || $before == = ) ]]; then
    _stave_option "$option"
    _stave_reply "${kind:-@any}" "${cur#=}"
  elif [[ -n $flag ]]; then
    _stave_flag "$verb" "$flag"
    _stave_reply "$kind" "${cur#=}"
  elif [[ $cur == -* ]]; then
    _stave_flags "$verb"
    _stave_reply "$words $_stave_globals $_stave_engine" "$cur"
  elif [[ -z $verb ]]; then
    _stave_reply "$_stave_verbs" "$cur"
  else
    _stave_argument "$verb" "$arguments"
    _stave_reply "$kind" "$cur"
  fi
}

complete -F _stave stave
)";

}  // namespace

std::string bash_completions(const CommandTable& table) {
  std::string out = "# Completions of stave for bash. Made by 'stave completions bash'.\n\n";
  append_verbs(out, table);
  append_option_kinds(out, table);
  append_flag_kinds(out, table);
  append_arguments(out, table);
  return out + kMain;
}

}  // namespace stave::cli
