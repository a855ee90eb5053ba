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

}  // namespace

std::vector<std::string> column_names(Encodings encodings, Encoding usual) {
  return {column_name("key", encodings.key, usual), column_name("value", encodings.value, usual)};
}

std::optional<Columns> parse_header(const std::vector<std::string>& cells, Encodings plain) {
  if (cells.size() != 2) return std::nullopt;
  for (size_t key = 0; key < 2; ++key) {
    const size_t value = 1 - key;
    const auto key_encoding = encoding_of(cells[key], "key", plain.key);
    const auto value_encoding = encoding_of(cells[value], "value", plain.value);
    if (key_encoding && value_encoding) {
      return Columns{key, value, {*key_encoding, *value_encoding}};
    }
  }
  return std::nullopt;
}

Columns require_header(const std::vector<std::string>& cells, Encodings plain) {
  if (const auto columns = parse_header(cells, plain)) return *columns;
  throw DecodeError(
      "not a header: it names two columns, 'key' and 'value', either with _raw, "
      "_escaped, _hex or _base64 behind it");
}

}  // namespace stave::cli
