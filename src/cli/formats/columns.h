// The columns of a table (CSV or TSV) and its header row.
//
// A column's name tells its encoding where that is not the usual one of the format: `key`,
// `key_raw`, `key_escaped`, `key_hex`, `key_base64`, and the same for `value`. A third column,
// called `expires_at_ms`, may hold Unix times in milliseconds; an empty cell says nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/rows.h"

namespace stave::cli {

enum class HeaderRow { automatic, present, absent };

struct Columns {
  size_t key = 0;
  size_t value = 1;
  std::optional<size_t> expiry;
  Encodings encodings;
};

// The names, the key's first. `usual` is what goes without saying.
std::vector<std::string> column_names(Encodings encodings, Encoding usual, bool expiry);

// Of a table without a header.
Columns plain_columns(Encodings encodings, bool expiry);
size_t count_of(const Columns& columns);

// The row in the cells of one line, of which there must be as many as columns: each part decoded.
// Throws DecodeError.
Row row_of(const std::vector<std::string>& cells, const Columns& columns);

// What a header row says; nothing if the cells are no header. Plain names have the encodings
// of `plain`.
std::optional<Columns> parse_header(const std::vector<std::string>& cells, Encodings plain);

// As parse_header, but throws DecodeError, which says what a header must look like.
Columns require_header(const std::vector<std::string>& cells, Encodings plain);

}  // namespace stave::cli
