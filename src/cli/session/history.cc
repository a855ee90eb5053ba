#include "cli/session/history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/failure.h"
#include "cli/line_reader.h"

namespace stave::cli {
namespace {

constexpr mode_t kOwnerOnly = 0600;

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : path_(path), fd_(open(path.c_str(), flags | O_CREAT | O_CLOEXEC, kOwnerOnly)) {
    // Also of a file that was there: it may have been made by other means.
    if (fd_ < 0 || fchmod(fd_, kOwnerOnly) != 0) fail();
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  // In one call: lines of other sessions come before or after, not between.
  void write(const std::string& text) const {
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw system_failure("the history file '" + path_ + "'", errno);
  }

  const std::string path_;
  const int fd_;
};

void make_directories(const std::filesystem::path& dir) {
  if (dir.empty() || std::filesystem::exists(dir)) return;
  make_directories(dir.parent_path());
  constexpr mode_t kOwnerDirectory = 0700;  // as the XDG specification has it
  if (mkdir(dir.c_str(), kOwnerDirectory) != 0 && errno != EEXIST) {
    throw system_failure("making the directory '" + dir.string() + "'", errno);
  }
}

std::string absolute_path_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

std::vector<std::string> HistoryFile::load() {
  if (path_.empty()) return {};
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) {
    make_directories(std::filesystem::path(path_).parent_path());
  }
  { const Descriptor made(path_, O_WRONLY); }
  std::vector<std::string> lines;
  LineReader reader(path_);
  std::string_view line;
  while (reader.next(line)) lines.emplace_back(line);
  const bool too_many = lines.size() > 2 * kLinesMax;
  if (lines.size() > kLinesMax) {
    lines.erase(lines.begin(), lines.end() - static_cast<ptrdiff_t>(kLinesMax));
  }
  if (too_many) rewrite(lines);
  return lines;
}

void HistoryFile::rewrite(const std::vector<std::string>& lines) const {
  const std::string made = path_ + ".new";
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  Descriptor(made, O_WRONLY | O_TRUNC).write(text);
  if (std::rename(made.c_str(), path_.c_str()) != 0) {
    throw system_failure("renaming '" + made + "'", errno);
  }
}

void HistoryFile::append(const std::string& line) const {
  if (path_.empty()) return;
  Descriptor(path_, O_WRONLY | O_APPEND).write(line + "\n");
}

std::string usual_history_path() {
  std::string state = absolute_path_of("XDG_STATE_HOME");
  if (state.empty()) {
    const std::string home = absolute_path_of("HOME");
    if (home.empty()) return "";
    state = home + "/.local/state";
  }
  return state + "/stave/history";
}

}  // namespace stave::cli
