// Lines of a file or of standard input, with their numbers. Any byte may occur in a line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "cli/formats/line_source.h"

namespace stave::cli {

class LineReader : public LineSource {
 public:
  // "-" is standard input. Throws Failure if the file cannot be opened.
  explicit LineReader(const std::string& path);
  ~LineReader() override;

  bool next(std::string_view& line) override;
  uint64_t number() const override { return number_; }

  // The first line, which stays to be read; "" if there is none. REQUIRES: no call of next yet.
  std::string_view peek();

  const std::string& name() const { return name_; }
  uint64_t bytes() const { return bytes_; }  // of all lines returned, newlines included

 private:
  bool fill();

  std::string name_;
  std::FILE* file_;
  char* line_ = nullptr;  // getline's buffer, from malloc
  size_t capacity_ = 0;
  std::string_view read_;  // the line in the buffer, newline included
  bool peeked_ = false;    // it is still to be returned
  uint64_t number_ = 0;
  uint64_t bytes_ = 0;
};

// All of a file, "-" for standard input. Throws Failure.
std::string read_whole(const std::string& path);

}  // namespace stave::cli
