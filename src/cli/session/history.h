// The lines typed in earlier sessions, in a file: one command per line, the oldest first. Sessions
// that run at once each append theirs. Only the user may read it, since it holds keys and values.
#pragma once

#include <string>
#include <vector>

namespace stave::cli {

class HistoryFile {
 public:
  static constexpr size_t kLinesMax = 1000;

  // "": nothing is read and nothing is kept.
  explicit HistoryFile(std::string path) : path_(std::move(path)) {}

  // The newest kLinesMax. Makes the file, its directories, and brings it down to that many lines
  // when it has twice as many. Throws Failure.
  std::vector<std::string> load();

  // Throws Failure. REQUIRES: no newline in `line`.
  void append(const std::string& line) const;

 private:
  void rewrite(const std::vector<std::string>& lines) const;

  std::string path_;
};

// $XDG_STATE_HOME/stave/history, or the same below ~/.local/state; "" without a home.
std::string usual_history_path();

}  // namespace stave::cli
