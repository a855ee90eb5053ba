// Names of data and hint files, and UUIDs as text.
#include "base/check.h"
#include "format/file_header.h"

namespace stave {
namespace {

constexpr size_t kIdDigits = 10;
constexpr Bytes kDataSuffix = ".log";
constexpr Bytes kHintSuffix = ".hint";
constexpr char kHex[] = "0123456789abcdef";
constexpr Bytes kUuidShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

std::string file_name(uint64_t id, Bytes suffix) {
  STAVE_CHECK(id <= kFileIdMax);
  const std::string digits = std::to_string(id);
  std::string name(kIdDigits - digits.size(), '0');
  return name.append(digits).append(suffix);
}

bool parse_file_name(Bytes name, Bytes suffix, uint64_t* id) {
  if (name.size() != kIdDigits + suffix.size() || !name.ends_with(suffix)) return false;
  uint64_t value = 0;
  for (const char c : name.substr(0, kIdDigits)) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  if (value == 0) return false;
  *id = value;
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string data_file_name(uint64_t id) { return file_name(id, kDataSuffix); }
std::string hint_file_name(uint64_t id) { return file_name(id, kHintSuffix); }
bool parse_data_file_name(Bytes name, uint64_t* id) {
  return parse_file_name(name, kDataSuffix, id);
}
bool parse_hint_file_name(Bytes name, uint64_t* id) {
  return parse_file_name(name, kHintSuffix, id);
}

std::string uuid_text(const Uuid& u) {
  std::string text(kUuidShape);
  size_t digit = 0;
  for (char& c : text) {
    if (c == '-') continue;
    const uint8_t byte = u[digit / 2];
    c = kHex[digit % 2 == 0 ? byte >> 4 : byte & 15];
    ++digit;
  }
  return text;
}

bool parse_uuid(Bytes text, Uuid* out) {
  if (text.size() != kUuidShape.size()) return false;
  Uuid u{};
  size_t digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kUuidShape[i] == '-') {
      if (text[i] != '-') return false;
      continue;
    }
    const int v = hex_value(text[i]);
    if (v < 0) return false;
    u[digit / 2] = static_cast<uint8_t>(u[digit / 2] << 4 | v);
    ++digit;
  }
  *out = u;
  return true;
}

}  // namespace stave
