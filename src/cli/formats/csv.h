// Comma-separated values as RFC 4180 has them. Quotes carry any byte, so cells are raw by default.
#pragma once

#include "cli/formats/columns.h"
#include "cli/formats/csv_parser.h"
#include "cli/formats/row_reader.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

class CsvReader : public RowReader {
 public:
  // An automatic header is the first row if it is one.
  CsvReader(LineSource& lines, Encodings encodings, HeaderRow header)
      : parser_(lines), columns_{0, 1, encodings}, header_(header) {}
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
  CsvWriter(Encodings encodings, HeaderRow header)
      : encodings_(encodings), has_header_(header != HeaderRow::absent) {}
  void begin(std::string& out) const override;
  void end(std::string&) const override {}
  void append(std::string& out, std::string_view key, std::string_view value) const override;

 private:
  Encodings encodings_;
  bool has_header_;
};

}  // namespace stave::cli
