// Records of RFC 4180 text, cell by cell; libcsv does the work.
#pragma once

#include <csv.h>

#include <string>
#include <vector>

#include "cli/formats/line_source.h"

namespace stave::cli {

class CsvParser {
 public:
  explicit CsvParser(LineSource& lines);
  ~CsvParser();
  CsvParser(const CsvParser&) = delete;
  CsvParser& operator=(const CsvParser&) = delete;

  // The cells of the next record, lent until the next call; nullptr at the end. Empty lines are
  // passed over. Throws DecodeError; the next call goes on with the next line.
  const std::vector<std::string>* next();

 private:
  void feed(std::string_view bytes);
  void restart();
  static void on_cell(void* bytes, size_t length, void* self) noexcept;
  static void on_record(int terminator, void* self) noexcept;

  LineSource& lines_;
  csv_parser parser_{};
  std::vector<std::string> cells_;
  size_t records_ = 0;  // that ended in the present line
  bool out_of_memory_ = false;
};

}  // namespace stave::cli
