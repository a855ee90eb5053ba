// Writes rows as text of one format. Pure: it appends to strings.
#pragma once

#include <string>
#include <string_view>

namespace stave::cli {

class RowWriter {
 public:
  RowWriter() = default;
  virtual ~RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  // What stands before the first row and behind the last.
  virtual void begin(std::string& out) const = 0;
  virtual void end(std::string& out) const = 0;

  virtual void append(std::string& out, std::string_view key, std::string_view value) const = 0;
};

}  // namespace stave::cli
