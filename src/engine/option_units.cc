#include "engine/option_units.h"

#include <charconv>
#include <iterator>

namespace stave {
namespace {

struct Unit {
  const char* name;
  uint64_t factor;
};

constexpr uint64_t kKi = 1024;
constexpr uint64_t kK = 1000;
// Largest exact units first: that is the order in which texts are made.
constexpr Unit kSizes[] = {{"TiB", kKi* kKi* kKi* kKi},
                           {"GiB", kKi* kKi* kKi},
                           {"MiB", kKi* kKi},
                           {"KiB", kKi},
                           {"", 1},
                           {"B", 1},
                           {"T", kKi* kKi* kKi* kKi},
                           {"G", kKi* kKi* kKi},
                           {"M", kKi* kKi},
                           {"K", kKi},
                           {"TB", kK* kK* kK* kK},
                           {"GB", kK* kK* kK},
                           {"MB", kK* kK},
                           {"KB", kK}};
constexpr Unit kTimes[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
                           {"s", 1000},     {"ms", 1},      {"", 1}};

template <size_t N>
bool parse(const std::string& text, const Unit (&units)[N], uint64_t* out) {
  uint64_t n = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc() || rest == text.data()) return false;
  const char* unit = rest;
  while (unit != end && *unit == ' ') ++unit;
  for (const Unit& u : units) {
    if (std::string(unit, end) != u.name) continue;
    return !__builtin_mul_overflow(n, u.factor, out);
  }
  return false;
}

template <size_t N>
std::string text_of(uint64_t n, const Unit (&units)[N]) {
  for (const Unit& u : units) {
    if (n != 0 && n % u.factor == 0) return std::to_string(n / u.factor) + u.name;
  }
  return "0";
}

}  // namespace

bool parse_size(const std::string& text, uint64_t* bytes) { return parse(text, kSizes, bytes); }

bool parse_duration(const std::string& text, uint64_t* milliseconds) {
  return parse(text, kTimes, milliseconds);
}

bool parse_count(const std::string& text, uint64_t* n) {
  constexpr Unit kNone[] = {{"", 1}};
  return parse(text, kNone, n);
}

std::string size_text(uint64_t bytes) { return text_of(bytes, kSizes); }

std::string duration_text(uint64_t milliseconds) {
  return milliseconds == 0 ? "0ms" : text_of(milliseconds, kTimes);
}

}  // namespace stave
