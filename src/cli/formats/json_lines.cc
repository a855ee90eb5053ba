#include "cli/formats/json_lines.h"

namespace stave::cli {

bool JsonLinesReader::next(Row& row) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  row = parse_json_row(line);
  return true;
}

void JsonLinesWriter::append(std::string& out, std::string_view key, std::string_view value,
                             uint64_t expires_at_ms) const {
  out += json_row(key, value, expires_at_ms);
}

}  // namespace stave::cli
