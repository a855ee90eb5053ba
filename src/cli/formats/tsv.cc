#include "cli/formats/tsv.h"

#include <utility>

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

}  // namespace

bool TsvReader::next(Row& row) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  if (std::exchange(header_due_, false)) {
    try {
      columns_ = require_header(split(line), columns_.encodings);
    } catch (const DecodeError& error) {
      throw BrokenInput(error.what());
    }
    if (!lines_.next(line)) return false;
  }
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
  append_encoded(out, encodings_.key, key);
  out += '\t';
  append_encoded(out, encodings_.value, value);
  if (has_expiry_) out += '\t' + expiry_cell(expires_at_ms);
  out += '\n';
}

}  // namespace stave::cli
