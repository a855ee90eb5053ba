#include "cli/usage_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/arguments.h"

namespace stave::cli {
namespace {

// Letters put in, left out, replaced, or two neighbours swapped.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

// What other stores and shells call our verbs.
std::string verb_meant(const std::string& word) {
  static const std::map<std::string, std::string> kOtherNames = {
      {"set", "put"},      {"add", "put"},       {"read", "get"},    {"cat", "get"},
      {"rm", "delete"},    {"remove", "delete"}, {"ls", "list"},     {"scan", "list"},
      {"dump", "list"},    {"export", "list"},   {"import", "load"}, {"compact", "merge"},
      {"check", "verify"}, {"fsck", "verify"},   {"info", "stats"},  {"has", "exists"},
      {"help", "--help"}};
  const auto found = kOtherNames.find(word);
  return found == kOtherNames.end() ? "" : found->second;
}

bool is_flag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

std::string did_you_mean(const std::string& word) {
  return word.empty() ? "" : "; did you mean '" + word + "'?";
}

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

std::string no_verb_text(const CLI::App& app) {
  std::string flag;
  for (const std::string& word : left_over(app)) {
    if (!is_flag(word)) {
      std::string meant = verb_meant(word);
      if (meant.empty()) meant = nearest_word(word, verbs_of(app));
      return "there is no verb '" + word + "'" + did_you_mean(meant);
    }
    if (flag.empty()) flag = word;
  }
  return flag.empty() ? "no verb given" : "there is no flag '" + flag + "', and no verb was given";
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
    const std::string meant = nearest_word(flag->substr(0, flag->find('=')), flags);
    return "there is no flag '" + *flag + "'" +
           (meant.empty() ? "; a key or value that begins with '-' goes after '--'"
                          : did_you_mean(meant));
  }
  std::string text = words.size() == 1 ? "one argument too many:" : "too many arguments:";
  for (const std::string& word : words) text += " '" + word + "'";
  return text;
}

}  // namespace

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  constexpr size_t kLengthMax = 64;  // longer ones are keys or values gone astray
  if (word.size() > kLengthMax) return "";
  std::string best;
  size_t best_distance = 0;
  for (const std::string& name : known) {
    const bool begins = word.size() >= 2 && !is_flag(word) && name.starts_with(word);
    const size_t distance = begins ? 0 : edit_distance(word, name);
    // Every third letter may be wrong: with more, a short word is near to anything.
    const size_t most = std::clamp<size_t>(std::max(word.size(), name.size()) / 3, 1, 3);
    if (distance > most || (!best.empty() && distance >= best_distance)) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

std::string usage_error_text(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* verb = app.get_subcommands().empty() ? nullptr : app.get_subcommands().front();
  std::string text = error.what();
  if (verb == nullptr && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    text = no_verb_text(app);
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    text = extras_text(app, verb);
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    text = mismatch_text(text);
  }
  return text + " (see 'stave " + (verb == nullptr ? "" : verb->get_name() + " ") + "--help')";
}

}  // namespace stave::cli
