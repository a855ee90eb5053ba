#include "cli/formats/tsv.h"

#include <algorithm>
#include <utility>

#include "cli/failure.h"

namespace stave::cli {
namespace {

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> cells;
  for (size_t tab = 0; (tab = line.find('\t')) != std::string_view::npos;) {
    cells.emplace_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  cells.emplace_back(line);
  return cells;
}

// Of files from Windows.
std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Whether a CR at the end of a row may belong to its last cell: one that is not raw writes it as
// \r.
bool ends_raw(const Columns& columns) {
  if (columns.expiry && *columns.expiry > std::max(columns.key, columns.value)) return false;
  const bool key_is_last = columns.key > columns.value;
  return (key_is_last ? columns.encodings.key : columns.encodings.value) == Encoding::raw;
}

// The first of the bytes that would not be read back as part of the cell; 0: there is none.
char not_within(std::string_view cell, Encoding encoding, bool last) {
  if (encoding != Encoding::raw) return 0;
  const size_t at = cell.find_first_of(last ? "\n" : "\t\n");
  return at == std::string_view::npos ? '\0' : cell[at];
}

void check_cell(const char* part, char byte, std::string_view key) {
  constexpr size_t kShown = 64;
  if (byte == 0) return;
  std::string text = "the key '";
  append_encoded(text, Encoding::escaped, key.substr(0, kShown));
  if (key.size() > kShown) text += "...";
  throw Failure(Exit::usage, text + "': a " + (byte == '\t' ? "TAB" : "newline") + " in the " +
                                 part +
                                 " cannot be written as raw TSV (leave --format raw out, or "
                                 "write csv)");
}

}  // namespace

bool TsvReader::next(Row& row) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  if (std::exchange(header_due_, false)) {
    try {
      columns_ = require_header(split(without_cr(line)), columns_.encodings);
    } catch (const DecodeError& error) {
      throw BrokenInput(error.what());
    }
    if (!lines_.next(line)) return false;
  }
  if (!ends_raw(columns_)) line = without_cr(line);
  const bool plain = columns_.key == 0 && !columns_.expiry;
  // A raw value at the end of its line may hold TABs.
  row = plain ? parse_tsv_row(line, columns_.encodings) : row_of(split(line), columns_);
  return true;
}

void TsvWriter::begin(std::string& out) const {
  if (!has_header_) return;
  for (const std::string& name : column_names(encodings_, Encoding::escaped, has_expiry_)) {
    out += name + '\t';
  }
  out.back() = '\n';
}

void TsvWriter::append(std::string& out, std::string_view key, std::string_view value,
                       uint64_t expires_at_ms) const {
  check_cell("key", not_within(key, encodings_.key, false), key);
  check_cell("value", not_within(value, encodings_.value, !has_expiry_), key);
  append_encoded(out, encodings_.key, key);
  out += '\t';
  append_encoded(out, encodings_.value, value);
  if (has_expiry_) out += '\t' + expiry_cell(expires_at_ms);
  out += '\n';
}

}  // namespace stave::cli
