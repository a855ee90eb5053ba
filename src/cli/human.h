// Numbers for people: sizes, counts, times.
#pragma once

#include <cstdint>
#include <string>

namespace stave::cli {

std::string human_bytes(uint64_t bytes);                // "1.5 MiB"
std::string human_count(uint64_t count);                // "1,234,567"
std::string counted(uint64_t count, const char* noun);  // "1 file", "1,234 files"
std::string human_seconds(double seconds);              // "12.3 s", "850 ms", "40 us"
std::string human_time(uint64_t unix_ms);               // "2026-01-31 12:00:00 UTC"
std::string percent_of(uint64_t part, uint64_t whole);  // "37 %"; "-" when the whole is 0

// `text` filled up with blanks to `width`, on the left or on the right.
std::string pad_left(const std::string& text, size_t width);
std::string pad_right(const std::string& text, size_t width);

}  // namespace stave::cli
