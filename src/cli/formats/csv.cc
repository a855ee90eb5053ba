#include "cli/formats/csv.h"

#include <utility>

namespace stave::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // some spreadsheets begin with it

// Blanks at an end are quoted for readers that would cut them off.
bool needs_quotes(std::string_view cell) {
  constexpr std::string_view kBlanks = " \t";
  if (cell.empty()) return false;
  return cell.find_first_of("\",\r\n") != std::string_view::npos ||
         kBlanks.find(cell.front()) != std::string_view::npos ||
         kBlanks.find(cell.back()) != std::string_view::npos || cell.starts_with(kByteOrderMark);
}

void append_cell(std::string& out, std::string_view cell) {
  if (!needs_quotes(cell)) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_row(std::string& out, const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) {
    if (&cell != cells.data()) out += ',';
    append_cell(out, cell);
  }
  out += '\n';
}

}  // namespace

bool CsvReader::take_header(std::vector<std::string> cells) {
  if (header_ == HeaderRow::absent) return false;
  if (cells[0].starts_with(kByteOrderMark)) cells[0].erase(0, kByteOrderMark.size());
  if (header_ == HeaderRow::present) {
    try {
      columns_ = require_header(cells, columns_.encodings);
    } catch (const DecodeError& error) {
      throw BrokenInput(error.what());
    }
    return true;
  }
  const auto columns = parse_header(cells, columns_.encodings);
  if (columns) columns_ = *columns;
  return columns.has_value();
}

bool CsvReader::next(Row& row) {
  const std::vector<std::string>* cells = parser_.next();
  if (cells == nullptr) return false;
  if (std::exchange(first_, false) && take_header(*cells)) {
    cells = parser_.next();
    if (cells == nullptr) return false;
  }
  row = row_of(*cells, columns_);
  return true;
}

void CsvWriter::begin(std::string& out) const {
  if (has_header_) append_row(out, column_names(encodings_, Encoding::raw, has_expiry_));
}

void CsvWriter::append(std::string& out, std::string_view key, std::string_view value,
                       uint64_t expires_at_ms) const {
  std::vector<std::string> cells(2);
  append_encoded(cells[0], encodings_.key, key);
  append_encoded(cells[1], encodings_.value, value);
  if (has_expiry_) cells.push_back(expiry_cell(expires_at_ms));
  append_row(out, cells);
}

}  // namespace stave::cli
