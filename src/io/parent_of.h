// The directory that holds a directory, by its name: where the name itself is made durable.
#pragma once

#include <string>

namespace stave {

inline std::string parent_of(std::string dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
  const size_t slash = dir.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : dir.substr(0, slash);
}

}  // namespace stave
