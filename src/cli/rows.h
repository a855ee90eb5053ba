// Lines that hold one key and value: what `list` prints is what `load` reads.
//
//   TSV    key TAB value, each in its encoding
//   JSONL  {"key": "...", "value": "..."}; bytes that are not UTF-8 go as "key_base64" and
//          "value_base64". The names differ, so no text can be mistaken for encoded bytes.
//          "expires_at_ms" is there where the row expires.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/encoding.h"

namespace stave::cli {

struct Encodings {
  Encoding key;
  Encoding value;
};

struct Row {
  std::string key;
  std::string value;
  // Unix time, 0: never. Nothing: not said, as in most formats; the store's default decides.
  std::optional<uint64_t> expires_at_ms;
};

// Both throw DecodeError. `line` comes without its newline.
Row parse_tsv_row(std::string_view line, Encodings encodings);
Row parse_json_row(std::string_view line);

// One JSON object and a newline; either part may be left out. A row that never expires (0) says
// nothing of it.
std::string json_row(std::optional<std::string_view> key, std::optional<std::string_view> value,
                     uint64_t expires_at_ms = 0);

// What a cell of a table says of expiry: digits, or nothing. Throws DecodeError.
std::optional<uint64_t> parse_expiry(std::string_view text);
std::string expiry_cell(uint64_t expires_at_ms);

}  // namespace stave::cli
