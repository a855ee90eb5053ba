#include "cli/terminal.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace stave::cli {
namespace {

constexpr size_t kWidthDefault = 80;
constexpr size_t kWidthMax = 1000;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

size_t terminal_width(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  size_t columns = std::strtoul(environment("COLUMNS").data(), nullptr, 10);
  return columns == 0 ? kWidthDefault : std::min(columns, kWidthMax);
}

bool locale_is_utf8() { return std::string_view(nl_langinfo(CODESET)) == "UTF-8"; }

bool colour_wanted(int fd) {
  return isatty(fd) == 1 && environment("TERM") != "dumb" && environment("NO_COLOR").empty();
}

}  // namespace stave::cli
