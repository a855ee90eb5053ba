#include "cli/file_chart.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/progress_bar.h"

namespace stave::cli {
namespace {

constexpr size_t kBarMin = 10;
constexpr size_t kNameWidth = 15;
constexpr size_t kKindWidth = 9;
constexpr size_t kSizeWidth = 11;
constexpr size_t kNumberColumns = 2;  // bytes, dead

class Painter {
 public:
  explicit Painter(const ChartStyle& style) : style_(style) {}

  std::string live(size_t cells) const { return paint("32", style_.utf8 ? "█" : "#", cells); }
  std::string dead(size_t cells) const { return paint("31", style_.utf8 ? "░" : "-", cells); }

  // `scale` bytes fill `cells` cells. What is neither live nor dead (headers, room allocated
  // ahead) stays blank: drawn as dead it would look like something a merge gives back.
  std::string bar(const stave_file_info& file, uint64_t scale, size_t cells) const {
    const uint64_t used = std::min(file.live_bytes + file.dead_bytes, file.bytes);
    const size_t length = full_cells(used, scale, cells);
    const size_t live_cells = full_cells(file.live_bytes, used, length);
    return live(live_cells) + dead(length - live_cells) + std::string(cells - length, ' ');
  }

 private:
  std::string paint(const char* colour, const char* cell, size_t cells) const {
    if (cells == 0) return "";
    std::string text = repeat(cell, cells);
    return style_.colour ? "\x1b[" + std::string(colour) + "m" + text + "\x1b[0m" : text;
  }

  const ChartStyle& style_;
};

std::string kind(const stave_file_info& file) {
  std::string text = file_state_name(file.state);
  if (file.merged != 0) text = file.state == STAVE_FILE_SEALED ? "merged" : text + "*";
  return text;
}

std::string why(const stave_file_info& file) {
  return file.merge_note[0] == '\0' ? "(nothing said)" : one_line(file.merge_note);
}

std::string numbers(uint64_t bytes, uint64_t dead) {
  return pad_left(human_bytes(bytes), kSizeWidth) + pad_left(human_bytes(dead), kSizeWidth);
}

}  // namespace

std::string data_file_name(uint64_t id) {
  std::array<char, 40> name{};
  std::snprintf(name.data(), name.size(), "%010llu.log", static_cast<unsigned long long>(id));
  return name.data();
}

const char* file_state_name(uint32_t state) {
  switch (state) {
    case STAVE_FILE_SEALED:
      return "sealed";
    case STAVE_FILE_ACTIVE:
      return "active";
    case STAVE_FILE_UNSEALED:
      return "unsealed";
    default:
      return "unknown";
  }
}

std::string render_files(const std::vector<stave_file_info>& files, const ChartStyle& style) {
  const Painter painter(style);
  const size_t fixed = kNameWidth + kKindWidth + kNumberColumns * kSizeWidth + 2;
  const size_t cells = std::max(kBarMin, style.width > fixed ? style.width - fixed : 0);
  uint64_t scale = 0;
  uint64_t bytes = 0;
  uint64_t live = 0;
  uint64_t dead = 0;
  for (const stave_file_info& file : files) {
    scale = std::max(scale, file.bytes);
    bytes += file.bytes;
    live += file.live_bytes;
    dead += file.dead_bytes;
  }
  std::string out = pad_right("file", kNameWidth) + pad_right("kind", kKindWidth) +
                    pad_left("bytes", kSizeWidth) + pad_left("dead", kSizeWidth) + "  " +
                    painter.live(2) + " live  " + painter.dead(2) + " dead\n";
  for (const stave_file_info& file : files) {
    out += pad_right(data_file_name(file.id), kNameWidth) + pad_right(kind(file), kKindWidth) +
           numbers(file.bytes, file.dead_bytes) + "  " + painter.bar(file, scale, cells);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
    if (style.why) out += "    " + why(file) + "\n";
  }
  out +=
      pad_right("total", kNameWidth) +
      pad_right(human_count(files.size()) + (files.size() == 1 ? " file" : " files"), kKindWidth) +
      numbers(bytes, dead) + "  " + percent_of(live, live + dead) + " live\n";
  return out;
}

}  // namespace stave::cli
