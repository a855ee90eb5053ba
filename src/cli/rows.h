// Lines that hold one key and value: what `list` prints is what `load` reads.
//
//   TSV    key TAB value, each in its encoding
//   JSONL  {"key": "...", "value": "..."}; bytes that are not UTF-8 go as "key_base64" and
//          "value_base64". The names differ, so no text can be mistaken for encoded bytes.
#pragma once

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
};

// Both throw DecodeError. `line` comes without its newline.
Row parse_tsv_row(std::string_view line, Encodings encodings);
Row parse_json_row(std::string_view line);

// One JSON object and a newline; either part may be left out.
std::string json_row(std::optional<std::string_view> key, std::optional<std::string_view> value);

}  // namespace stave::cli
