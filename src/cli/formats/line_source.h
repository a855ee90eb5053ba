// Where a reader of a text format gets its lines: a file, standard input, or a test's string.
#pragma once

#include <cstdint>
#include <string_view>

namespace stave::cli {

class LineSource {
 public:
  LineSource() = default;
  virtual ~LineSource() = default;
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  // The next line without its newline, lent until the next call; false at the end. Any byte but a
  // newline may occur in it. Throws Failure on a read error, which is never taken for the end.
  virtual bool next(std::string_view& line) = 0;

  // Of the line last returned, from 1.
  virtual uint64_t number() const = 0;
};

}  // namespace stave::cli
