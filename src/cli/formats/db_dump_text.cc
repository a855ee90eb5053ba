#include "cli/formats/db_dump_text.h"

#include "cli/encoding.h"

namespace stave::cli {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// As isprint in the C locale, but for the backslash: mdb_load of LMDB 0.9.24 reads a doubled one
// wrong behind other escapes, and all tools read it as a number.
bool stands_for_itself(unsigned char byte) { return byte >= 0x20 && byte < 0x7f && byte != '\\'; }

void append_hex_byte(std::string& out, unsigned char byte) {
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 15];
}

int digit_at(std::string_view line, size_t at) {
  if (at >= line.size()) return -1;
  const char c = line[at];
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[noreturn]] void refuse(size_t column, const std::string& what) {
  throw DecodeError("column " + std::to_string(column) + ": " + what);
}

void decode_bytevalue(std::string& out, std::string_view line, size_t first_column) {
  for (size_t i = 0; i < line.size(); i += 2) {
    const int high = digit_at(line, i);
    const int low = digit_at(line, i + 1);
    if (high < 0) refuse(first_column + i, "not a hex digit");
    if (i + 1 == line.size()) refuse(first_column + i, "half a byte: the last hex digit is alone");
    if (low < 0) refuse(first_column + i + 1, "not a hex digit");
    out += static_cast<char>(high * 16 + low);
  }
}

void decode_print(std::string& out, std::string_view line, size_t first_column) {
  for (size_t i = 0; i < line.size();) {
    const size_t plain = std::min(line.find('\\', i), line.size());
    out.append(line, i, plain - i);
    i = plain;
    if (i == line.size()) return;
    if (line.substr(i).starts_with("\\\\")) {
      out += '\\';
      i += 2;
      continue;
    }
    const int high = digit_at(line, i + 1);
    const int low = digit_at(line, i + 2);
    if (high < 0 || low < 0) {
      // LMDB's older mdb_dump -p leaves backslashes as they are, so that its text is ambiguous.
      refuse(first_column + i,
             "a backslash without two hex digits or a second backslash behind it (if mdb_dump -p "
             "wrote this, dump without -p: it does not escape backslashes)");
    }
    out += static_cast<char>(high * 16 + low);
    i += 3;
  }
}

}  // namespace

void append_db_dump(std::string& out, DbDumpText text, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (text == DbDumpText::bytevalue) {
      append_hex_byte(out, byte);
    } else if (stands_for_itself(byte)) {
      out += c;
    } else {
      out += '\\';
      append_hex_byte(out, byte);
    }
  }
}

void decode_db_dump(std::string& out, DbDumpText text, std::string_view line, size_t first_column) {
  out.clear();
  if (text == DbDumpText::bytevalue) {
    decode_bytevalue(out, line, first_column);
  } else {
    decode_print(out, line, first_column);
  }
}

}  // namespace stave::cli
