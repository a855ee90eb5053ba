// Whether a path leads into a directory, whatever links and mounts are on the way.
#pragma once

#include <optional>
#include <string>

namespace stave {

// The name in `dir` of what `path`, which need not exist, is or leads through; empty: it is `dir`
// itself; none: it lies elsewhere. Of the machine, not of an Fs: those in memory have no links.
[[nodiscard]] std::optional<std::string> name_inside(const std::string& path,
                                                     const std::string& dir);

}  // namespace stave
