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

void append_row(std::string& out, std::string_view key, std::string_view value) {
  append_cell(out, key);
  out += ',';
  append_cell(out, value);
  out += '\n';
}

std::string decode_cell(const char* name, Encoding encoding, const std::string& cell) {
  try {
    return decode(encoding, cell);
  } catch (const DecodeError& error) {
    throw DecodeError(std::string(name) + ": " + error.what());
  }
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
  if (cells->size() != 2) {
    throw DecodeError(std::to_string(cells->size()) + (cells->size() == 1 ? " cell" : " cells") +
                      " in the row instead of 2, a key and a value");
  }
  row.key = decode_cell("key", columns_.encodings.key, (*cells)[columns_.key]);
  row.value = decode_cell("value", columns_.encodings.value, (*cells)[columns_.value]);
  return true;
}

void CsvWriter::begin(std::string& out) const {
  if (!has_header_) return;
  const std::vector<std::string> names = column_names(encodings_, Encoding::raw);
  append_row(out, names[0], names[1]);
}

void CsvWriter::append(std::string& out, std::string_view key, std::string_view value) const {
  std::string key_text;
  std::string value_text;
  append_encoded(key_text, encodings_.key, key);
  append_encoded(value_text, encodings_.value, value);
  append_row(out, key_text, value_text);
}

}  // namespace stave::cli
