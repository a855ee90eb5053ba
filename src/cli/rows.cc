#include "cli/rows.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace stave::cli {
namespace {

using nlohmann::ordered_json;

constexpr char kExpiry[] = "expires_at_ms";

std::string decode_part(const char* part, Encoding encoding, std::string_view text) {
  try {
    return decode(encoding, text);
  } catch (const DecodeError& error) {
    throw DecodeError(std::string(part) + ": " + error.what());
  }
}

void add_bytes(ordered_json& row, const std::string& name, std::string_view bytes) {
  if (is_utf8(bytes)) {
    row[name] = bytes;
    return;
  }
  std::string text;
  append_encoded(text, Encoding::base64, bytes);
  row[name + "_base64"] = std::move(text);
}

// Takes the field `name`, or `name`_base64, out of the object.
std::string take_bytes(ordered_json& row, const char* name) {
  const std::string encoded = std::string(name) + "_base64";
  if (row.contains(name) == row.contains(encoded)) {
    throw DecodeError("the object needs either \"" + std::string(name) + "\" or \"" + encoded +
                      "\"");
  }
  const bool plain = row.contains(name);
  const std::string field = plain ? name : encoded;
  if (!row[field].is_string()) throw DecodeError("\"" + field + "\" is not a string");
  std::string text = row[field].get<std::string>();
  row.erase(field);
  return plain ? text : decode_part(field.c_str(), Encoding::base64, text);
}

// Takes the field out, if it is there.
std::optional<uint64_t> take_expiry(ordered_json& row) {
  if (!row.contains(kExpiry)) return std::nullopt;
  const ordered_json field = row[kExpiry];
  if (!field.is_number_unsigned()) {
    throw DecodeError(std::string("\"") + kExpiry +
                      "\" is not a number of milliseconds since 1970 (0: never)");
  }
  row.erase(kExpiry);
  return field.get<uint64_t>();
}

}  // namespace

Row parse_tsv_row(std::string_view line, Encodings encodings) {
  size_t tab = line.find('\t');
  if (tab == std::string_view::npos) throw DecodeError("no TAB between key and value");
  std::string_view value = line.substr(tab + 1);
  if (value.find('\t') != std::string_view::npos && encodings.value != Encoding::raw) {
    throw DecodeError("a second TAB (write \\t inside a value)");
  }
  return {decode_part("key", encodings.key, line.substr(0, tab)),
          decode_part("value", encodings.value, value), std::nullopt};
}

Row parse_json_row(std::string_view line) {
  ordered_json row;
  try {
    row = ordered_json::parse(line);
  } catch (const ordered_json::parse_error& error) {
    throw DecodeError("column " + std::to_string(error.byte) + ": not valid JSON");
  }
  if (!row.is_object()) throw DecodeError("not a JSON object");
  Row out{take_bytes(row, "key"), take_bytes(row, "value"), take_expiry(row)};
  // Refused rather than skipped: a field we do not know may carry meaning we would lose.
  if (!row.empty()) throw DecodeError("unknown field \"" + row.begin().key() + "\"");
  return out;
}

std::string json_row(std::optional<std::string_view> key, std::optional<std::string_view> value,
                     uint64_t expires_at_ms) {
  ordered_json row = ordered_json::object();
  if (key) add_bytes(row, "key", *key);
  if (value) add_bytes(row, "value", *value);
  if (expires_at_ms != 0) row[kExpiry] = expires_at_ms;
  return row.dump() + "\n";
}

std::optional<uint64_t> parse_expiry(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t ms = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, ms);
  if (error == std::errc() && rest == end) return ms;
  throw DecodeError(std::string(kExpiry) + ": '" + std::string(text) +
                    "' is not a number of milliseconds since 1970 (0: never)");
}

std::string expiry_cell(uint64_t expires_at_ms) {
  return expires_at_ms == 0 ? "" : std::to_string(expires_at_ms);
}

}  // namespace stave::cli
