// JSON Lines: one object per row.
#pragma once

#include "cli/formats/line_source.h"
#include "cli/formats/row_reader.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

class JsonLinesReader : public RowReader {
 public:
  explicit JsonLinesReader(LineSource& lines) : lines_(lines) {}
  bool next(Row& row) override;

 private:
  LineSource& lines_;
};

class JsonLinesWriter : public RowWriter {
 public:
  void begin(std::string&) const override {}
  void end(std::string&) const override {}
  void append(std::string& out, std::string_view key, std::string_view value,
              uint64_t expires_at_ms) const override;
  bool keeps_expiry() const override { return true; }
};

}  // namespace stave::cli
