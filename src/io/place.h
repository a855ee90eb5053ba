// Whether a path leads into a directory, whatever links and mounts are on the way.
#pragma once

#include <cstdint>
#include <string>

namespace stave {

enum class Place : uint8_t { elsewhere, same, inside };

// How `path`, which need not exist, lies to the directory `dir`. Of the machine, not of an Fs:
// those in memory have no links. Where the machine does not tell: elsewhere.
[[nodiscard]] Place place_of(const std::string& path, const std::string& dir);

}  // namespace stave
