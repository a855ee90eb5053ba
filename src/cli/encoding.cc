#include "cli/encoding.h"

#include <sodium.h>

#include <boost/locale/utf.hpp>

namespace stave::cli {
namespace {

constexpr char kSkipped[] = " \t\r\n";
constexpr std::string_view kHexDigits = "0123456789abcdef";

// Length of the UTF-8 sequence at the start of `text`, 0 if there is no valid one.
size_t sequence_length(std::string_view text, uint32_t& point) {
  namespace utf = boost::locale::utf;
  const char* at = text.data();
  point = utf::utf_traits<char>::decode(at, text.data() + text.size());
  if (point == utf::illegal || point == utf::incomplete) return 0;
  return static_cast<size_t>(at - text.data());
}

// C0, DEL and C1: what could move a cursor or start a terminal's escape sequence.
bool is_control(uint32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0); }

void append_hex_escape(std::string& out, std::string_view bytes) {
  for (unsigned char byte : bytes) {
    out += "\\x";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
}

// Appends the character at the start of `text`, escaped when it must be; returns its length.
size_t append_character(std::string& out, std::string_view text) {
  uint32_t point = 0;
  size_t length = sequence_length(text, point);
  if (length == 0) {
    append_hex_escape(out, text.substr(0, 1));
    return 1;
  }
  if (is_control(point)) {
    append_hex_escape(out, text.substr(0, length));
  } else {
    out.append(text, 0, length);
  }
  return length;
}

void append_escaped(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    size_t length = 1;
    switch (bytes.front()) {
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        length = append_character(out, bytes);
    }
    bytes.remove_prefix(length);
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes the escape whose backslash is text[0]; returns how long it is.
size_t decode_escape(std::string& out, std::string_view text) {
  if (text.size() < 2) throw DecodeError("a lone backslash at the end (write \\\\)");
  switch (text[1]) {
    case 't':
      out += '\t';
      return 2;
    case 'n':
      out += '\n';
      return 2;
    case 'r':
      out += '\r';
      return 2;
    case '\\':
      out += '\\';
      return 2;
    case 'x': {
      int high = text.size() > 2 ? hex_digit(text[2]) : -1;
      int low = text.size() > 3 ? hex_digit(text[3]) : -1;
      if (high < 0 || low < 0) throw DecodeError("\\x needs two hex digits");
      out += static_cast<char>(high * 16 + low);
      return 4;
    }
    default:
      break;
  }
  std::string shown = "unknown escape \\";
  append_printable(shown, text.substr(1, 1));
  throw DecodeError(shown + " (known: \\t \\n \\r \\\\ \\xNN)");
}

std::string decode_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t plain = std::min(text.find('\\'), text.size());
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(decode_escape(out, text));
  }
  return out;
}

unsigned char* bytes_of(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

const unsigned char* bytes_of(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

void append_base64(std::string& out, std::string_view bytes) {
  size_t size = sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  size_t start = out.size();
  out.resize(start + size);
  sodium_bin2base64(out.data() + start, size, bytes_of(bytes), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // libsodium counts and writes a NUL
}

void append_hex(std::string& out, std::string_view bytes) {
  size_t start = out.size();
  out.resize(start + bytes.size() * 2 + 1);
  sodium_bin2hex(out.data() + start, bytes.size() * 2 + 1, bytes_of(bytes), bytes.size());
  out.pop_back();
}

std::string decode_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  size_t length = 0;
  if (sodium_base642bin(bytes_of(out), out.size(), text.data(), text.size(), kSkipped, &length,
                        nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    throw DecodeError("not base64 (RFC 4648, with padding)");
  }
  out.resize(length);
  return out;
}

std::string decode_hex(std::string_view text) {
  std::string out(text.size() / 2 + 1, '\0');
  size_t length = 0;
  if (sodium_hex2bin(bytes_of(out), out.size(), text.data(), text.size(), kSkipped, &length,
                     nullptr) != 0) {
    throw DecodeError("not hex (pairs of 0-9 a-f)");
  }
  out.resize(length);
  return out;
}

}  // namespace

void append_encoded(std::string& out, Encoding encoding, std::string_view bytes) {
  switch (encoding) {
    case Encoding::raw:
      out += bytes;
      return;
    case Encoding::escaped:
      append_escaped(out, bytes);
      return;
    case Encoding::hex:
      append_hex(out, bytes);
      return;
    case Encoding::base64:
      append_base64(out, bytes);
      return;
  }
}

std::string decode(Encoding encoding, std::string_view text) {
  switch (encoding) {
    case Encoding::raw:
      return std::string(text);
    case Encoding::escaped:
      return decode_escaped(text);
    case Encoding::hex:
      return decode_hex(text);
    case Encoding::base64:
      return decode_base64(text);
  }
  return {};
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) text.remove_prefix(append_character(out, text));
}

bool is_utf8(std::string_view bytes) {
  uint32_t point = 0;
  while (!bytes.empty()) {
    size_t length = sequence_length(bytes, point);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace stave::cli
