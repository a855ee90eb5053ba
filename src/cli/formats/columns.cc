#include "cli/formats/columns.h"

#include <array>

namespace stave::cli {
namespace {

struct Suffix {
  const char* text;
  Encoding encoding;
};

constexpr std::array<Suffix, 4> kSuffixes{{{"_raw", Encoding::raw},
                                           {"_escaped", Encoding::escaped},
                                           {"_hex", Encoding::hex},
                                           {"_base64", Encoding::base64}}};

std::string column_name(const std::string& part, Encoding encoding, Encoding usual) {
  if (encoding == usual) return part;
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.encoding == encoding) return part + suffix.text;
  }
  return part;
}

// The encoding that a column called `name` has if it holds `part`.
std::optional<Encoding> encoding_of(const std::string& name, const std::string& part,
                                    Encoding plain) {
  if (name == part) return plain;
  for (const Suffix& suffix : kSuffixes) {
    if (name == part + suffix.text) return suffix.encoding;
  }
  return std::nullopt;
}

constexpr char kExpiry[] = "expires_at_ms";

std::string decode_cell(const char* name, Encoding encoding, const std::string& cell) {
  try {
    return decode(encoding, cell);
  } catch (const DecodeError& error) {
    throw DecodeError(std::string(name) + ": " + error.what());
  }
}

}  // namespace

std::vector<std::string> column_names(Encodings encodings, Encoding usual, bool expiry) {
  std::vector<std::string> names{column_name("key", encodings.key, usual),
                                 column_name("value", encodings.value, usual)};
  if (expiry) names.emplace_back(kExpiry);
  return names;
}

Columns plain_columns(Encodings encodings, bool expiry) {
  Columns columns{.expiry = {}, .encodings = encodings};
  if (expiry) columns.expiry = 2;
  return columns;
}

size_t count_of(const Columns& columns) { return columns.expiry ? 3 : 2; }

Row row_of(const std::vector<std::string>& cells, const Columns& columns) {
  if (cells.size() != count_of(columns)) {
    throw DecodeError(std::to_string(cells.size()) + (cells.size() == 1 ? " cell" : " cells") +
                      " in the row instead of " +
                      (columns.expiry ? "3, key, value and expiry" : "2, a key and a value"));
  }
  return {decode_cell("key", columns.encodings.key, cells[columns.key]),
          decode_cell("value", columns.encodings.value, cells[columns.value]),
          columns.expiry ? parse_expiry(cells[*columns.expiry]) : std::nullopt};
}

std::optional<Columns> parse_header(const std::vector<std::string>& cells, Encodings plain) {
  std::optional<size_t> key;
  std::optional<size_t> value;
  Columns columns{.expiry = {}, .encodings = plain};
  for (size_t i = 0; i < cells.size(); ++i) {
    if (const auto encoding = encoding_of(cells[i], "key", plain.key); encoding && !key) {
      key = i;
      columns.encodings.key = *encoding;
    } else if (const auto other = encoding_of(cells[i], "value", plain.value); other && !value) {
      value = i;
      columns.encodings.value = *other;
    } else if (cells[i] == kExpiry && !columns.expiry) {
      columns.expiry = i;
    } else {
      return std::nullopt;
    }
  }
  if (!key || !value) return std::nullopt;
  columns.key = *key;
  columns.value = *value;
  return columns;
}

Columns require_header(const std::vector<std::string>& cells, Encodings plain) {
  if (const auto columns = parse_header(cells, plain)) return *columns;
  throw DecodeError(
      "not a header: it names two columns, 'key' and 'value', either with _raw, "
      "_escaped, _hex or _base64 behind it, and perhaps a third, 'expires_at_ms'");
}

}  // namespace stave::cli
