// Keys and values as text: the four encodings that --format and its kin select.
//
//   raw      the bytes as they are
//   escaped  \t \n \r \\ and \xNN for whatever is not printable; valid UTF-8 stays readable.
//            Never holds a TAB or a newline, so it fits one column of a TSV line.
//   hex      two digits per byte
//   base64   RFC 4648, with padding
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace stave::cli {

enum class Encoding { raw, escaped, hex, base64 };

// The text is not of the encoding; what() says what is wrong with it.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void append_encoded(std::string& out, Encoding encoding, std::string_view bytes);

// Throws DecodeError. White space is skipped in hex and base64.
std::string decode(Encoding encoding, std::string_view text);

// Appends `text` with control characters and broken UTF-8 as \xNN; backslashes stay.
void append_printable(std::string& out, std::string_view text);

bool is_utf8(std::string_view bytes);

}  // namespace stave::cli
