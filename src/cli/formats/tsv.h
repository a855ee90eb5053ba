// Lines of key TAB value, each in its encoding; no quotes. The format of `list`. With expiry TAB
// and Unix milliseconds follow.
#pragma once

#include "cli/formats/columns.h"
#include "cli/formats/line_source.h"
#include "cli/formats/row_reader.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

class TsvReader : public RowReader {
 public:
  // There is a header only if `header` says so: a row "key TAB value" may be one of data.
  TsvReader(LineSource& lines, const Columns& columns, HeaderRow header)
      : lines_(lines), columns_(columns), header_due_(header == HeaderRow::present) {}
  bool next(Row& row) override;

 private:
  LineSource& lines_;
  Columns columns_;
  bool header_due_;
};

class TsvWriter : public RowWriter {
 public:
  TsvWriter(Encodings encodings, HeaderRow header, bool expiry)
      : encodings_(encodings), has_header_(header == HeaderRow::present), has_expiry_(expiry) {}
  void begin(std::string& out) const override;
  void end(std::string&) const override {}
  void append(std::string& out, std::string_view key, std::string_view value,
              uint64_t expires_at_ms) const override;
  bool keeps_expiry() const override { return has_expiry_; }

 private:
  Encodings encodings_;
  bool has_header_;
  bool has_expiry_;
};

}  // namespace stave::cli
