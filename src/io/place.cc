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

}  // namespace

Place place_of(const std::string& path, const std::string& dir) {
  struct stat st {};
  if (::stat(dir.c_str(), &st) != 0) return Place::elsewhere;
  if (is(path, st)) return Place::same;
  const std::unique_ptr<char, void (*)(void*)> real(
      ::realpath(posix::nearest_existing(path).c_str(), nullptr), std::free);
  if (!real) return Place::elsewhere;
  for (std::string at = real.get();; at = parent_of(at)) {
    if (is(at, st)) return Place::inside;
    if (at == "/") return Place::elsewhere;
  }
}

}  // namespace stave
