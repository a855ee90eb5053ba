#include "cli/progress_bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cli/human.h"

namespace stave::cli {
namespace {

constexpr size_t kBarMin = 8;
constexpr size_t kBarMax = 50;
constexpr double kSettleSeconds = 0.5;  // before that a rate is noise

// "1:02:03" or "2:03".
std::string clock_time(double seconds) {
  auto total = static_cast<unsigned long long>(std::ceil(seconds));
  std::array<char, 48> text{};
  if (total >= 3600) {
    std::snprintf(text.data(), text.size(), "%llu:%02llu:%02llu", total / 3600, total / 60 % 60,
                  total % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%llu:%02llu", total / 60, total % 60);
  }
  return text.data();
}

std::string speed(const Progress& progress) {
  if (progress.seconds < kSettleSeconds || progress.done == 0) return "";
  double rate = static_cast<double>(progress.done) / progress.seconds;
  std::string text = "  " + human_bytes(static_cast<uint64_t>(rate)) + "/s";
  if (progress.total > progress.done) {
    text += "  " + clock_time(static_cast<double>(progress.total - progress.done) / rate) + " left";
  }
  return text;
}

}  // namespace

size_t full_cells(uint64_t part, uint64_t whole, size_t cells) {
  if (whole == 0 || part == 0 || cells == 0) return 0;
  if (part >= whole) return cells;
  double share = static_cast<double>(part) / static_cast<double>(whole);
  auto full = static_cast<size_t>(std::lround(share * static_cast<double>(cells)));
  return cells < 2 ? full : std::clamp<size_t>(full, 1, cells - 1);
}

std::string repeat(const char* cell, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += cell;
  return out;
}

std::string render_progress(const Progress& progress, size_t width, bool utf8) {
  std::string head = progress.label + "  ";
  std::string tail = human_bytes(progress.done);
  if (progress.total > 0) {
    tail = pad_left(percent_of(std::min(progress.done, progress.total), progress.total), 5) + "  " +
           tail + " / " + human_bytes(progress.total);
  }
  tail += speed(progress);
  size_t taken = head.size() + tail.size() + 3;
  if (progress.total == 0 || taken + kBarMin > width) return (head + tail).substr(0, width);
  size_t cells = std::min(kBarMax, width - taken);
  size_t full = full_cells(progress.done, progress.total, cells);
  const char* on = utf8 ? "█" : "#";
  const char* off = utf8 ? "░" : ".";
  return head + "[" + repeat(on, full) + repeat(off, cells - full) + "]" + tail;
}

}  // namespace stave::cli
