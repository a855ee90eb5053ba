#include "cli/command_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "cli/engine_options.h"

namespace stave::cli {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t at = 0; (at = text.find(separator)) != std::string_view::npos;) {
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.emplace_back(text);
  return parts;
}

// Without what the validators add behind a colon.
std::string value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  return split(option.get_type_name(), ':').front();
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<FlagRow> flags_of(const CLI::App& app) {
  std::vector<FlagRow> flags;
  for (const CLI::Option* option : app.get_options()) {
    const std::vector<std::string> names = names_of(*option);
    if (!names.empty()) flags.push_back({names, value_of(*option), option->get_description()});
  }
  return flags;
}

VerbRow verb_row(const CLI::App& app) {
  VerbRow verb{app.get_name(), app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    verb.arguments.push_back({option->get_name(true), value_of(*option), option->get_required(),
                              option->get_items_expected_max() > 1, option->get_description()});
  }
  for (const FlagRow& flag : flags_of(app)) {
    if (flag.names.back() != "--help" && flag.names.back() != "--help-all") {
      verb.flags.push_back(flag);
    }
  }
  return verb;
}

// Behind such a verb the flag is the verb's: scripts for shells then leave the option's out.
bool is_flag_of_a_verb(const CLI::App& app, const std::string& flag) {
  const std::vector<const CLI::App*> verbs =
      app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(verbs.begin(), verbs.end(), [&flag](const CLI::App* verb) {
    return verb->get_option_no_throw(flag) != nullptr;
  });
}

}  // namespace

CommandTable command_table(const CLI::App& app) {
  CommandTable table{{}, {}, engine_options(), {}};
  for (const FlagRow& flag : flags_of(app)) {
    const auto option = std::find_if(
        table.engine.begin(), table.engine.end(), [&flag](const stave_option_info& one) {
          return flag.names.back() == concat({"--", one.name}) && !flag.value.empty();
        });
    if (option == table.engine.end()) {
      table.globals.push_back(flag);
    } else if (!is_flag_of_a_verb(app, flag.names.back())) {
      table.engine_flags.push_back(*option);
    }
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    table.verbs.push_back(verb_row(*verb));
  }
  return table;
}

std::vector<std::string> choices_of(const std::string& value) {
  constexpr std::string_view kWords = "abcdefghijklmnopqrstuvwxyz0123456789-|";
  if (value.empty() || value.find_first_not_of(kWords) != std::string::npos) return {};
  return split(value, '|');
}

std::vector<std::string> choices_of(const stave_option_info& option) {
  if (std::string_view(option.type) == "bool") return {"true", "false"};
  std::vector<std::string> words;
  for (const std::string& word : split(option.choices, '|')) {
    if (!word.empty()) words.push_back(word.substr(0, word.find('<')));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

bool is_file(const std::string& value) { return value == "FILE"; }

bool is_directory(const std::string& value) {
  return value == "DIR" || value == "SOURCE" || value == "TO";
}

}  // namespace stave::cli
