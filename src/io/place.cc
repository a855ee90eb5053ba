#include "io/place.h"

#include <sys/stat.h>

#include <cstdlib>
#include <memory>

#include "io/parent_of.h"
#include "io/posix.h"

namespace stave {
namespace {

// By inode: names differ behind a bind mount, or where case does not count.
bool is(const std::string& path, const struct stat& dir) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && st.st_dev == dir.st_dev && st.st_ino == dir.st_ino;
}

std::string first_name(const std::string& path) {
  const size_t from = path.find_first_not_of("./");
  return from == std::string::npos ? "" : path.substr(from, path.find('/', from) - from);
}

}  // namespace

std::optional<std::string> name_inside(const std::string& path, const std::string& dir) {
  struct stat st {};
  if (::stat(dir.c_str(), &st) != 0) return {};
  if (is(path, st)) return "";
  const std::string nearest = posix::nearest_existing(path);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(nearest.c_str(), nullptr),
                                                    std::free);
  if (!real) return {};
  std::string name =
      path.starts_with(nearest) ? first_name(path.substr(nearest.size())) : first_name(path);
  for (std::string at = real.get();; at = parent_of(at)) {
    if (is(at, st)) return name;
    if (at == "/") return {};
    name = at.substr(at.rfind('/') + 1);
  }
}

}  // namespace stave
