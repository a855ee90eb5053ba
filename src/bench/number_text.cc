#include "bench/number_text.h"

#include <cstdio>

namespace stave::bench {

std::string short_number(double number) {
  char text[32];
  const double size = number < 0 ? -number : number;
  const int digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 || size == 0 ? 2 : 4;
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string short_ratio(double ratio) {
  if (ratio >= 0.0995 || ratio <= 0) return short_number(ratio) + "x";
  return "1/" + short_number(1 / ratio);
}

const char* ratio_class(double ratio) {
  const double shown = std::stod(short_number(ratio));
  return shown > 1 ? "good" : shown < 1 ? "bad" : "even";
}

std::string short_time(double ns) {
  if (ns < 1e3) return short_number(ns) + " ns";
  if (ns < 1e6) return short_number(ns / 1e3) + " us";
  if (ns < 1e9) return short_number(ns / 1e6) + " ms";
  return short_number(ns / 1e9) + " s";
}

std::string short_bytes(double bytes) {
  static constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit < 3) {
    bytes /= 1024;
    ++unit;
  }
  return short_number(bytes) + kUnits[unit];
}

}  // namespace stave::bench
