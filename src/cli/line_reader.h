// Lines of a file or of standard input, with their numbers. Any byte may occur in a line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace stave::cli {

class LineReader {
 public:
  // "-" is standard input. Throws Failure if the file cannot be opened.
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line without its newline, lent until the next call; false at the end. Throws
  // Failure on a read error, which is never taken for the end.
  bool next(std::string_view& line);

  const std::string& name() const { return name_; }
  uint64_t number() const { return number_; }        // of the line last returned, from 1
  size_t line_bytes() const { return line_bytes_; }  // of that line, newline included

 private:
  std::string name_;
  std::FILE* file_;
  char* line_ = nullptr;  // getline's buffer, from malloc
  size_t capacity_ = 0;
  uint64_t number_ = 0;
  size_t line_bytes_ = 0;
};

// All of a file, "-" for standard input. Throws Failure.
std::string read_whole(const std::string& path);

}  // namespace stave::cli
