// Data files as bars of live and dead bytes. Pure: turns figures into lines of text.
#pragma once

#include <stave/stave.h>

#include <string>
#include <vector>

namespace stave::cli {

struct ChartStyle {
  size_t width = 80;
  bool utf8 = false;
  bool colour = false;
  bool why = false;  // a line per file that says why it is (not) being merged
};

// A legend, one row per file (the longest file's bar fills the width), and the totals.
std::string render_files(const std::vector<stave_file_info>& files, const ChartStyle& style);

// "0000000012.log".
std::string data_file_name(uint64_t id);

// "sealed", "active" or "unsealed".
const char* file_state_name(uint32_t state);

}  // namespace stave::cli
