#include "cli/times.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "cli/failure.h"

namespace stave::cli {
namespace {

constexpr uint64_t kSecond = 1000;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;

struct Unit {
  std::string_view name;
  uint64_t ms;
};
// Largest first, which is the order of a text. "ms" goes before "m" where they are read.
constexpr std::array<Unit, 4> kUnits{{{"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads a text from its beginning.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // A whole number of `least` to `most` digits.
  bool number(size_t least, size_t most, uint64_t& n) {
    n = 0;
    size_t digits = 0;
    for (; digits < most && !rest_.empty() && is_digit(rest_.front()); ++digits) {
      if (__builtin_mul_overflow(n, uint64_t{10}, &n)) return false;
      if (__builtin_add_overflow(n, static_cast<uint64_t>(rest_.front() - '0'), &n)) return false;
      rest_.remove_prefix(1);
    }
    return digits >= least;
  }

  // What may stand behind a point, in thousandths. Finer digits are no time of ours.
  bool thousandths(uint64_t& n) {
    n = 0;
    if (!take(".")) return true;
    uint64_t scale = 100;
    if (rest_.empty() || !is_digit(rest_.front())) return false;
    for (; scale > 0 && !rest_.empty() && is_digit(rest_.front()); scale /= 10) {
      n += scale * static_cast<uint64_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return rest_.empty() || !is_digit(rest_.front());
  }

 private:
  std::string_view rest_;
};

constexpr size_t kDigitsMax = 19;

std::optional<uint64_t> unit_of(Reader& reader) {
  if (reader.take("ms")) return 1;
  for (const Unit& unit : kUnits) {
    if (reader.take(unit.name)) return unit.ms;
  }
  return std::nullopt;
}

// a * b + c, or nothing.
std::optional<uint64_t> scaled(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t out = 0;
  if (__builtin_mul_overflow(a, b, &out) || __builtin_add_overflow(out, c, &out)) {
    return std::nullopt;
  }
  return out;
}

// Milliseconds east of UTC: nothing (UTC), Z, or +HH:MM.
bool read_zone(Reader& reader, int64_t& offset_ms) {
  offset_ms = 0;
  if (reader.at_end() || reader.take("Z")) return reader.at_end();
  const bool east = reader.take("+");
  if (!east && !reader.take("-")) return false;
  uint64_t hours = 0;
  uint64_t minutes = 0;
  if (!reader.number(2, 2, hours) || !reader.take(":") || !reader.number(2, 2, minutes)) {
    return false;
  }
  offset_ms = static_cast<int64_t>(hours * kHour + minutes * kMinute);
  if (!east) offset_ms = -offset_ms;
  return reader.at_end() && hours < 24 && minutes < 60;
}

bool read_clock(Reader& reader, uint64_t& ms) {
  ms = 0;
  if (!reader.take("T") && !reader.take(" ")) return true;
  uint64_t hours = 0;
  uint64_t minutes = 0;
  uint64_t seconds = 0;
  uint64_t rest = 0;
  if (!reader.number(2, 2, hours) || !reader.take(":") || !reader.number(2, 2, minutes)) {
    return false;
  }
  if (reader.take(":") && (!reader.number(2, 2, seconds) || !reader.thousandths(rest))) {
    return false;
  }
  ms = hours * kHour + minutes * kMinute + seconds * kSecond + rest;
  return hours < 24 && minutes < 60 && seconds < 60;
}

// Midnight of a day in UTC; nothing for a day that no calendar has.
std::optional<uint64_t> day_ms(uint64_t year, uint64_t month, uint64_t day) {
  std::tm parts{};
  parts.tm_year = static_cast<int>(year) - 1900;
  parts.tm_mon = static_cast<int>(month) - 1;
  parts.tm_mday = static_cast<int>(day);
  const std::tm wanted = parts;
  const time_t seconds = timegm(&parts);  // makes the 1st of March of the 30th of February
  if (parts.tm_mon != wanted.tm_mon || parts.tm_mday != wanted.tm_mday || seconds < 0) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(seconds) * kSecond;
}

// "12.034"
std::string thousandths_text(uint64_t whole, uint64_t part) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%llu.%03u", static_cast<unsigned long long>(whole),
                static_cast<unsigned>(part));
  return text.data();
}

}  // namespace

std::optional<uint64_t> parse_duration(std::string_view text) {
  Reader reader(text);
  uint64_t sum = 0;
  do {
    uint64_t whole = 0;
    uint64_t part = 0;
    if (!reader.number(1, kDigitsMax, whole) || !reader.thousandths(part)) return std::nullopt;
    const std::optional<uint64_t> unit = unit_of(reader);
    if (!unit || (*unit == 1 && part != 0)) return std::nullopt;
    const std::optional<uint64_t> term = scaled(whole, *unit, part * (*unit / kSecond));
    if (!term || __builtin_add_overflow(sum, *term, &sum)) return std::nullopt;
  } while (!reader.at_end());
  return sum;
}

std::optional<uint64_t> parse_moment(std::string_view text) {
  if (text == "never") return 0;
  Reader reader(text);
  uint64_t part = 0;
  if (reader.take("@")) {
    uint64_t seconds = 0;
    if (!reader.number(1, kDigitsMax, seconds) || !reader.thousandths(part) || !reader.at_end()) {
      return std::nullopt;
    }
    return scaled(seconds, kSecond, part);
  }
  uint64_t year = 0;
  uint64_t month = 0;
  uint64_t day = 0;
  int64_t zone = 0;
  if (!reader.number(4, 4, year) || !reader.take("-") || !reader.number(2, 2, month) ||
      !reader.take("-") || !reader.number(2, 2, day) || !read_clock(reader, part) ||
      !read_zone(reader, zone)) {
    return std::nullopt;
  }
  const std::optional<uint64_t> midnight = day_ms(year, month, day);
  if (!midnight) return std::nullopt;
  const int64_t moment = static_cast<int64_t>(*midnight + part) - zone;
  return moment > 0 ? std::optional(static_cast<uint64_t>(moment)) : std::nullopt;
}

std::string duration_text(uint64_t ms) {
  if (ms == 0) return "0s";
  if (ms < kSecond) return std::to_string(ms) + "ms";
  std::string text;
  for (const Unit& unit : kUnits) {
    const uint64_t n = ms / unit.ms;
    ms %= unit.ms;
    if (unit.ms == kSecond && ms != 0) return text + thousandths_text(n, ms) + "s";
    if (n != 0) text += std::to_string(n) + std::string(unit.name);
  }
  return text;
}

std::string moment_text(uint64_t unix_ms) {
  if (unix_ms == 0) return "never";
  const auto time = static_cast<time_t>(unix_ms / kSecond);
  std::tm parts{};
  std::array<char, 64> text{};
  if (gmtime_r(&time, &parts) == nullptr || parts.tm_year > 9999 - 1900) {
    std::string seconds = "@";
    return seconds.append(thousandths_text(unix_ms / kSecond, unix_ms % kSecond));
  }
  const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03uZ",
                static_cast<unsigned>(unix_ms % kSecond));
  return text.data();
}

uint64_t duration_argument(const char* what, const std::string& text) {
  if (const auto ms = parse_duration(text)) return *ms;
  throw Failure(Exit::usage, std::string(what) + " '" + text +
                                 "' is not a duration such as 90s, 1h30m, 250ms or 7d");
}

uint64_t moment_argument(const char* what, const std::string& text) {
  if (const auto ms = parse_moment(text)) return *ms;
  throw Failure(Exit::usage, std::string(what) + " '" + text +
                                 "' is not a time such as 2026-12-31, 2026-12-31T23:59:30Z, "
                                 "@1798761570 (seconds since 1970) or never");
}

}  // namespace stave::cli
