// One line that shows how far a long task is. Pure: the caller prints it.
#pragma once

#include <cstdint>
#include <string>

namespace stave::cli {

struct Progress {
  std::string label;
  uint64_t done = 0;   // bytes
  uint64_t total = 0;  // 0: unknown, no bar is drawn
  double seconds = 0;  // since the task began
};

// At most `width` columns, without a newline.
std::string render_progress(const Progress& progress, size_t width, bool utf8);

// A bar of `cells` cells of which `part` / `whole` are full. A part that is neither nothing nor
// all never looks like either (given two cells or more).
size_t full_cells(uint64_t part, uint64_t whole, size_t cells);

// `count` copies of `cell`, which may be longer than a byte.
std::string repeat(const char* cell, size_t count);

}  // namespace stave::cli
