#include "bench/name_list.h"

#include <sstream>

#include "bench/error.h"
#include "bench/nearest_word.h"

namespace stave::bench {

std::vector<std::string> split_names(const std::string& flag, const std::string& list) {
  constexpr char kBlanks[] = " \t\n";
  std::vector<std::string> names;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const size_t from = part.find_first_not_of(kBlanks);
    if (from == std::string::npos) continue;
    names.push_back(part.substr(from, part.find_last_not_of(kBlanks) + 1 - from));
  }
  if (names.empty()) {
    throw UsageError(flag + ": the list is empty: give names with commas between (see --list)");
  }
  return names;
}

void unknown_name(const std::string& flag, const std::string& noun, const std::string& name,
                  const std::vector<std::string>& known) {
  std::string text = flag + ": there is no " + noun + " '" + name + "'";
  const std::string near = nearest_word(name, known);
  if (!near.empty()) throw UsageError(text + did_you_mean(near));
  text += "; there are:";
  for (const std::string& there : known) text += " " + there;
  throw UsageError(text);
}

}  // namespace stave::bench
