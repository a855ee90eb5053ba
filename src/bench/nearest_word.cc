#include "bench/nearest_word.h"

#include <algorithm>

namespace stave::bench {
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

}  // namespace

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  constexpr size_t kLengthMax = 64;  // longer ones are keys or values gone astray
  if (word.size() > kLengthMax) return "";
  const bool is_flag = word.size() > 1 && word.front() == '-';
  std::string best;
  size_t best_distance = 0;
  for (const std::string& name : known) {
    const bool begins = word.size() >= 2 && !is_flag && name.starts_with(word);
    const size_t distance = begins ? 0 : edit_distance(word, name);
    // Every third letter may be wrong: with more, a short word is near to anything.
    const size_t most = std::clamp<size_t>(std::max(word.size(), name.size()) / 3, 1, 3);
    if (distance > most || (!best.empty() && distance >= best_distance)) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(const std::string& word) {
  return word.empty() ? "" : "; did you mean '" + word + "'?";
}

}  // namespace stave::bench
