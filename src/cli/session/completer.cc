#include "cli/session/completer.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/encoding.h"
#include "cli/session/session.h"

namespace stave::cli {
namespace {

struct Candidates {
  std::vector<std::string> words;
  bool more = false;  // than these
};

Candidates with_prefix(const std::vector<std::string>& words, const std::string& prefix) {
  Candidates found;
  for (const std::string& word : words) {
    if (word.starts_with(prefix)) found.words.push_back(word);
  }
  std::sort(found.words.begin(), found.words.end());
  return found;
}

Candidates commands_with(Session& session, const std::string& prefix) {
  std::vector<std::string> names;
  for (const Verb& verb : session.commands()) names.emplace_back(verb.name);
  return with_prefix(names, prefix);
}

Candidates flags_with(const CLI::App& app, const CLI::App& verb, const std::string& prefix) {
  std::vector<std::string> names;
  for (const CLI::App* parser : {&verb, &app}) {
    for (const CLI::Option* option : parser->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (std::find(names.begin(), names.end(), "--" + name) == names.end()) {
          names.push_back("--" + name);
        }
      }
    }
  }
  return with_prefix(names, prefix);
}

Candidates keys_with(const Session& session, const std::string& prefix) {
  Candidates found;
  stave_iter* made = nullptr;
  if (stave_iter_create(session.db(), prefix.data(), prefix.size(), &made) != STAVE_OK)
    return found;
  const IterHandle iter(made);
  while (stave_iter_next(iter.get()) == STAVE_OK) {
    if (found.words.size() == kKeyChoicesMax) {
      found.more = true;
      break;
    }
    size_t length = 0;
    const void* key = stave_iter_key(iter.get(), &length);
    found.words.emplace_back(view(key, length));
  }
  return found;
}

bool is_flag(const Argument& word) { return !word.literal && word.text.starts_with('-'); }

// The option that takes the next word as its value, if the word is a flag of that kind.
const CLI::Option* takes_next(const CLI::App& verb, const Argument& word) {
  if (!is_flag(word)) return nullptr;
  const CLI::Option* option = verb.get_option_no_throw(word.text);
  return option != nullptr && option->get_items_expected_max() > 0 ? option : nullptr;
}

// The argument of the verb which the last of `words` is.
const CLI::Option* argument_at_end(const CLI::App& verb, const std::vector<Argument>& words) {
  if (const CLI::Option* flag = takes_next(verb, words[words.size() - 2]); flag != nullptr) {
    return flag;
  }
  size_t place = 0;
  for (size_t i = 1; i + 1 < words.size(); ++i) {
    const bool is_value = takes_next(verb, words[i - 1]) != nullptr;
    if (!is_flag(words[i]) && !is_value) ++place;
  }
  const CLI::Option* last = nullptr;
  for (const CLI::Option* option : verb.get_options()) {
    if (!option->get_positional()) continue;
    last = option;
    if (place == 0) return option;
    --place;
  }
  // The last one may take several words, as the keys of delete do.
  return last != nullptr && last->get_expected_max() > 1 ? last : nullptr;
}

Candidates arguments_with(Session& session, const CLI::App& verb,
                          const std::vector<Argument>& words) {
  const CLI::Option* argument = argument_at_end(verb, words);
  if (argument == nullptr) return {};
  const std::string name = argument->get_name();
  const std::string& prefix = words.back().text;
  if (name == "COMMAND") return commands_with(session, prefix);
  if (name == "KEY" || name == "--prefix" || name == "--from" || name == "--to") {
    return keys_with(session, prefix);
  }
  return {};
}

Candidates candidates_for(Session& session, const std::vector<Argument>& words) {
  const Argument& last = words.back();
  if (words.size() == 1) return commands_with(session, last.text);
  std::vector<Verb> commands = session.commands();
  std::erase_if(commands, [&](const Verb& verb) { return words.front().text != verb.name; });
  if (commands.empty()) return {};
  Context context = session.context();
  CLI::App app("", "");
  declare_commands(app, context, commands);
  const CLI::App& verb = *app.get_subcommand(words.front().text);
  if (is_flag(last)) return flags_with(app, verb, last.text);
  return arguments_with(session, verb, words);
}

// What all begin with; whole characters of text.
std::string common_start(const std::vector<std::string>& words) {
  std::string start = words.front();
  for (const std::string& word : words) {
    const auto end = std::mismatch(start.begin(), start.end(), word.begin(), word.end()).first;
    start.erase(end, start.end());
  }
  while (is_utf8(words.front()) && !is_utf8(start)) start.pop_back();
  return start;
}

// A flag stands as it is; quotes would make a key of it.
std::string as_typed(const std::string& word, bool flag) { return flag ? word : quote_word(word); }

}  // namespace

Completion complete_command(Session& session, const std::string& earlier, const std::string& line) {
  const std::string text = earlier.empty() ? line : earlier + "\n" + line;
  const size_t offset = text.size() - line.size();
  Completion result{.from = line.size(), .text = {}, .choices = {}};
  Words split;
  try {
    split = split_words(text);
  } catch (const DecodeError&) {
    return result;
  }
  const size_t begin = split.last_at.value_or(text.size());
  if (begin < offset) return result;
  if (!split.last_at) split.words.emplace_back();
  const bool flag = split.words.size() > 1 && is_flag(split.words.back());
  const Candidates found = candidates_for(session, split.words);
  if (found.words.empty()) return result;
  result.from = begin - offset;
  if (found.words.size() == 1) {
    result.text = as_typed(found.words.front(), flag) + " ";
    return result;
  }
  const std::string start = common_start(found.words);
  // Of keys that are not all known it is not known what they have in common.
  if (!found.more && start.size() > split.words.back().text.size()) {
    result.text = flag ? start : quote_word_begin(start);
    return result;
  }
  result.text = line.substr(result.from);
  for (const std::string& word : found.words) result.choices.push_back(as_typed(word, flag));
  if (found.more) result.choices.emplace_back("...");
  return result;
}

}  // namespace stave::cli
