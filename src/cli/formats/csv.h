// Comma-separated values as RFC 4180 has them. Quotes carry any byte, so cells are raw by default.
#pragma once

#include "cli/formats/columns.h"
#include "cli/formats/csv_parser.h"
#include "cli/formats/row_reader.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

class CsvReader : public RowReader {
 public:
  // `columns` are those of a table without a header. An automatic header is the first row if it is
  // one.
  CsvReader(LineSource& lines, const Columns& columns, HeaderRow header)
      : parser_(lines), columns_(columns), header_(header) {}
  bool next(Row& row) override;

 private:
  // True if the cells were the header.
  bool take_header(std::vector<std::string> cells);

  CsvParser parser_;
  Columns columns_;
  HeaderRow header_;
  bool first_ = true;
};

class CsvWriter : public RowWriter {
 public:
  CsvWriter(Encodings encodings, HeaderRow header, bool expiry)
      : encodings_(encodings), has_header_(header != HeaderRow::absent), has_expiry_(expiry) {}
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
