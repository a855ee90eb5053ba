#include "cli/human.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace stave::cli {
namespace {

std::string formatted(const char* format, double number, const char* unit) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number, unit);
  return text.data();
}

}  // namespace

std::string human_bytes(uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  // 1023.95 would print as 1024.0: go on to the next unit there.
  while (amount >= 1023.95) {
    amount /= 1024;
    ++unit;
  }
  return formatted("%.1f %s", amount, kUnits[unit]);
}

std::string human_count(uint64_t count) {
  std::string text = std::to_string(count);
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string counted(uint64_t count, const char* noun) {
  return human_count(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string human_seconds(double seconds) {
  if (seconds < 0.001) return formatted("%.0f %s", seconds * 1e6, "us");
  if (seconds < 1) return formatted("%.0f %s", seconds * 1e3, "ms");
  return formatted("%.1f %s", seconds, "s");
}

std::string human_time(uint64_t unix_ms) {
  auto seconds = static_cast<time_t>(unix_ms / 1000);
  std::tm parts{};
  std::array<char, 64> text{};
  if (gmtime_r(&seconds, &parts) == nullptr) return std::to_string(unix_ms) + " ms";
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

std::string percent_of(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  return formatted("%.0f %s", 100.0 * static_cast<double>(part) / static_cast<double>(whole), "%");
}

std::string pad_left(const std::string& text, size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string pad_right(const std::string& text, size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

}  // namespace stave::cli
