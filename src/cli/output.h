// Standard output or a file, buffered by us: every failed write is seen, a full disk included, and
// a closed pipe is told from an error. Used by one thread.
#pragma once

#include <string>
#include <string_view>

namespace stave::cli {

class Output {
 public:
  explicit Output(int fd, std::string name = "standard output");
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Both throw Failure, or BrokenPipe when nobody reads any more.
  void write(std::string_view bytes);
  void flush();

  bool is_terminal() const { return terminal_; }

 private:
  void write_all(std::string_view bytes) const;

  int fd_;
  std::string name_;
  bool terminal_;
  std::string buffer_;
};

}  // namespace stave::cli
