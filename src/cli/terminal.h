// What the terminal can show, and how wide it is.
#pragma once

#include <cstddef>

namespace stave::cli {

// Columns of the terminal at `fd`; without one $COLUMNS, else 80.
size_t terminal_width(int fd);

// True if the locale's character set is UTF-8. REQUIRES: setlocale(LC_CTYPE, "") was called.
bool locale_is_utf8();

// True if `fd` is a terminal, TERM is not "dumb" and NO_COLOR is unset or empty (no-color.org).
bool colour_wanted(int fd);

}  // namespace stave::cli
