#include "bench/progress.h"

#include <cstdio>

#include "bench/loops.h"

namespace stave::bench {

Progress::Progress(bool shown, size_t steps) : shown_(shown), steps_(steps), began_ns_(now_ns()) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(size_t done, const std::string& now) const {
  if (!shown_) return;
  constexpr size_t kCells = 24;
  const size_t full = done * kCells / steps_;
  std::string left = time_left(done, steps_, static_cast<double>(now_ns() - began_ns_) * 1e-9);
  if (!left.empty()) left = "  " + left;
  std::fprintf(stderr, "\r\x1b[K[%s%s] %zu/%zu  %s%s", std::string(full, '#').c_str(),
               std::string(kCells - full, '.').c_str(), done, steps_, now.c_str(), left.c_str());
  std::fflush(stderr);
}

std::string time_left(size_t done, size_t steps, double elapsed_seconds) {
  if (done == 0 || elapsed_seconds < 1) return "";
  const double each = elapsed_seconds / static_cast<double>(done);
  const auto seconds = static_cast<unsigned>(each * static_cast<double>(steps - done));
  if (seconds == 0) return "";
  char text[48];
  std::snprintf(text, sizeof text, "about %u:%02u left", seconds / 60, seconds % 60);
  return text;
}

}  // namespace stave::bench
