#include "base/shown_key.h"

namespace stave {

std::string shown_key(Bytes key) {
  constexpr size_t kShown = 64;
  std::string text = "key \"";
  for (const char byte : key.substr(0, kShown)) text += byte >= ' ' && byte <= '~' ? byte : '?';
  text += key.size() > kShown ? "...\"" : "\"";
  return text;
}

}  // namespace stave
