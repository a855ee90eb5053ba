#include "cli/formats/tsv.h"

#include <utility>

namespace stave::cli {

bool TsvReader::next(Row& row) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  if (std::exchange(header_due_, false)) {
    const size_t tab = std::min(line.find('\t'), line.size());
    std::vector<std::string> cells{std::string(line.substr(0, tab))};
    if (tab < line.size()) cells.emplace_back(line.substr(tab + 1));
    try {
      const Columns columns = require_header(cells, encodings_);
      encodings_ = columns.encodings;
      swapped_ = columns.key == 1;
    } catch (const DecodeError& error) {
      throw BrokenInput(error.what());
    }
    if (!lines_.next(line)) return false;
  }
  if (!swapped_) {
    row = parse_tsv_row(line, encodings_);
  } else {
    row = parse_tsv_row(line, {encodings_.value, encodings_.key});
    std::swap(row.key, row.value);
  }
  return true;
}

void TsvWriter::begin(std::string& out) const {
  if (!has_header_) return;
  const std::vector<std::string> names = column_names(encodings_, Encoding::escaped);
  out += names[0] + "\t" + names[1] + "\n";
}

void TsvWriter::append(std::string& out, std::string_view key, std::string_view value) const {
  append_encoded(out, encodings_.key, key);
  out += '\t';
  append_encoded(out, encodings_.value, value);
  out += '\n';
}

}  // namespace stave::cli
