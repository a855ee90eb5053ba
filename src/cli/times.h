// Durations and moments as people write them, in milliseconds inside.
//
//   duration  1h, 90s, 1h30m, 250ms, 1.5s, 2d; a unit is always needed
//   moment    2026-12-31, 2026-12-31T12:00, 2026-12-31 12:00:30.250, Z or +01:00 behind it (without
//             a zone UTC); @SECONDS since 1970, as date(1) has it; never
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stave::cli {

// Nothing if the text is none, or is too large.
std::optional<uint64_t> parse_duration(std::string_view text);
std::optional<uint64_t> parse_moment(std::string_view text);  // Unix time; never is 0

// Both are read back exactly.
std::string duration_text(uint64_t ms);     // "1h30m", "59.998s", "0s"
std::string moment_text(uint64_t unix_ms);  // "2026-12-31T12:00:30.250Z", "never"

// The same for arguments and flags: throw Failure with Exit::usage, which names `what`.
uint64_t duration_argument(const char* what, const std::string& text);
uint64_t moment_argument(const char* what, const std::string& text);

}  // namespace stave::cli
