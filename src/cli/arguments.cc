#include "cli/arguments.h"

#include <CLI/CLI.hpp>

namespace stave::cli {
namespace {

constexpr char kMark = '\x01';

// No flag of ours begins with a digit: it is a negative number.
bool is_negative(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-' && argument[1] >= '0' && argument[1] <= '9';
}

// Arguments that begin with the mark get another one, so that taking one off is always right.
bool needs_mark(const std::string& argument) {
  return argument.starts_with(kMark) || argument.starts_with('[') || argument == "++" ||
         is_negative(argument);
}

bool is_empty_assignment(const std::string& argument) {
  return argument.starts_with("--") && argument.find('=') == argument.size() - 1;
}

std::string unmark_value(std::string& text) {
  unmark(text);
  return "";
}

}  // namespace

void unmark(std::string& text) {
  if (text.starts_with(kMark)) text.erase(0, 1);
}

std::vector<std::string> mark_arguments(const std::vector<Argument>& arguments) {
  std::vector<std::string> marked;
  bool flags_ended = false;
  for (const auto& [text, literal] : arguments) {
    if (literal) {
      marked.push_back(kMark + text);
      continue;
    }
    std::string argument = text;
    flags_ended = flags_ended || argument == "--";
    if (!flags_ended && is_empty_assignment(argument)) {
      argument.pop_back();
      marked.push_back(argument);
      argument.clear();
    }
    marked.push_back(needs_mark(argument) ? kMark + argument : argument);
  }
  return marked;
}

std::vector<Argument> take_arguments(int argc, char** argv) {
  std::vector<Argument> arguments;
  for (int i = 1; i < argc; ++i) arguments.push_back({argv[i]});
  return arguments;
}

void unmark_results(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->transform(CLI::Validator(unmark_value, ""));
  }
  for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    unmark_results(*verb);
  }
}

}  // namespace stave::cli
