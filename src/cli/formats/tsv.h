// Lines of key TAB value, each in its encoding; no quotes. The format of `list`.
#pragma once

#include "cli/formats/columns.h"
#include "cli/formats/line_source.h"
#include "cli/formats/row_reader.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

class TsvReader : public RowReader {
 public:
  // There is a header only if `header` says so: a row "key TAB value" may be one of data.
  TsvReader(LineSource& lines, Encodings encodings, HeaderRow header)
      : lines_(lines), encodings_(encodings), header_due_(header == HeaderRow::present) {}
  bool next(Row& row) override;

 private:
  LineSource& lines_;
  Encodings encodings_;
  bool header_due_;
  bool swapped_ = false;
};

class TsvWriter : public RowWriter {
 public:
  TsvWriter(Encodings encodings, HeaderRow header)
      : encodings_(encodings), has_header_(header == HeaderRow::present) {}
  void begin(std::string& out) const override;
  void end(std::string&) const override {}
  void append(std::string& out, std::string_view key, std::string_view value) const override;

 private:
  Encodings encodings_;
  bool has_header_;
};

}  // namespace stave::cli
