// Lists of names on the command line: "a,b", "a, b", "all".
#pragma once

#include <string>
#include <vector>

namespace stave::bench {

// The names between the commas, without blanks around them, not empty. Throws UsageError if there
// is none.
std::vector<std::string> split_names(const std::string& flag, const std::string& list);

// Throws UsageError: there is no such engine or workload (`noun`); the near one, or else all.
[[noreturn]] void unknown_name(const std::string& flag, const std::string& noun,
                               const std::string& name, const std::vector<std::string>& known);

}  // namespace stave::bench
