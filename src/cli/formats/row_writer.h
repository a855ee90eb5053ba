// Writes rows as text of one format. Pure: it appends to strings.
#pragma once

#include <cstdint>
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

  // expires_at_ms: 0 for a row that never expires.
  virtual void append(std::string& out, std::string_view key, std::string_view value,
                      uint64_t expires_at_ms) const = 0;

  // False if the format has no place for it, and rows lose it.
  virtual bool keeps_expiry() const = 0;
};

}  // namespace stave::cli
