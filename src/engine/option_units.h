// Numbers with units, as people write them in options.
#pragma once

#include <cstdint>
#include <string>

namespace stave {

// "4096", "64KiB", "256MiB", "1GB": KiB, MiB, GiB, TiB (and K, M, G, T) are powers of 1024; KB,
// MB, GB, TB of 1000. False when it does not parse or overflows.
bool parse_size(const std::string& text, uint64_t* bytes);
// "250ms", "2s", "5m", "1h", "1d"; a number alone is milliseconds.
bool parse_duration(const std::string& text, uint64_t* milliseconds);
bool parse_count(const std::string& text, uint64_t* n);

// The shortest text that parses to the same value.
std::string size_text(uint64_t bytes);
std::string duration_text(uint64_t milliseconds);

}  // namespace stave
