#include "cli/usage_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "bench/nearest_word.h"
#include "cli/arguments.h"

namespace stave::cli {
namespace {

using bench::did_you_mean;
using bench::nearest_word;

// What other stores and shells call our verbs.
std::string verb_meant(const std::string& word) {
  static const std::map<std::string, std::string> kOtherNames = {
      {"set", "put"},        {"add", "put"},       {"read", "get"},    {"cat", "get"},
      {"rm", "delete"},      {"remove", "delete"}, {"ls", "list"},     {"range", "scan"},
      {"dump", "list"},      {"export", "list"},   {"import", "load"}, {"compact", "merge"},
      {"check", "verify"},   {"fsck", "verify"},   {"info", "stats"},  {"has", "exists"},
      {"increment", "incr"}, {"expire", "touch"}};
  const auto found = kOtherNames.find(word);
  return found == kOtherNames.end() ? "" : found->second;
}

bool is_flag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

void add_flags(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
}

// The words that nobody took, in the order in which they were given.
std::vector<std::string> left_over(const CLI::App& app) {
  std::vector<std::string> words = app.remaining(true);
  for (std::string& word : words) unmark(word);
  return words;
}

std::string no_verb_text(const CLI::App& app, const std::string& noun) {
  std::string flag;
  for (const std::string& word : left_over(app)) {
    if (!is_flag(word)) {
      std::string meant = verb_meant(word);
      if (meant.empty()) meant = nearest_word(word, verbs_of(app));
      return "there is no " + noun + " '" + word + "'" + did_you_mean(meant);
    }
    if (flag.empty()) flag = word;
  }
  if (flag.empty()) return "no " + noun + " given";
  return "there is no flag '" + flag + "', and no " + noun + " was given";
}

// Of "Could not convert: --sync = always".
std::string conversion_text(const std::string& words) {
  const size_t name = words.find("--");
  const size_t equals = words.find(" = ");
  if (name == std::string::npos || equals == std::string::npos) return words;
  const std::string flag = words.substr(name, equals - name);
  if (flag != "--sync") return words;
  return "--sync of this verb takes no value; before the verb it is the option of the store: "
         "stave --sync" +
         words.substr(equals).replace(0, 3, " ") + " VERB";
}

// Of CLI11's words for a wrong count of values; none of ours takes several.
std::string mismatch_text(const std::string& words) {
  const std::string name = words.substr(0, words.find_first_of(": "));
  if (words.find("At Most") != std::string::npos) return name + " was given twice: give it once";
  return name +
         (words.find("override") != std::string::npos ? " takes no value" : " needs a value");
}

std::string extras_text(const CLI::App& app, const CLI::App* verb) {
  const std::vector<std::string> words = left_over(app);
  const auto flag = std::find_if(words.begin(), words.end(), is_flag);
  if (flag != words.end()) {
    std::vector<std::string> flags;
    add_flags(app, flags);
    if (verb != nullptr) add_flags(*verb, flags);
    const std::string name = flag->substr(0, flag->find('='));
    std::erase(flags, name);  // it may be a flag of another place
    const std::string meant = nearest_word(name, flags);
    return "there is no flag '" + *flag + "'" +
           (meant.empty() ? "; a key or value that begins with '-' goes after '--'"
                          : did_you_mean(meant));
  }
  std::string text = words.size() == 1 ? "one argument too many:" : "too many arguments:";
  for (const std::string& word : words) text += " '" + word + "'";
  return text;
}

}  // namespace

std::string usage_error_text(const CLI::App& app, const CLI::ParseError& error,
                             const std::string& noun) {
  const CLI::App* verb = app.get_subcommands().empty() ? nullptr : app.get_subcommands().front();
  std::string text = error.what();
  if (verb == nullptr && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    text = no_verb_text(app, noun);
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    text = extras_text(app, verb);
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    text = mismatch_text(text);
  } else if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    text = conversion_text(text);
  }
  return text;
}

}  // namespace stave::cli
