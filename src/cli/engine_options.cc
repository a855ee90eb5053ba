#include "cli/engine_options.h"

#include <string_view>

#include "cli/failure.h"

namespace stave::cli {

std::vector<stave_option_info> engine_options() {
  std::vector<stave_option_info> table(stave_option_count());
  for (size_t i = 0; i < table.size(); ++i) {
    table[i].size = sizeof(stave_option_info);
    check(stave_option_at(i, &table[i]));
  }
  // Those for the library's own tests are nobody's business.
  std::erase_if(table, [](const stave_option_info& option) {
    return std::string_view(option.name).starts_with("test.");
  });
  return table;
}

std::string option_unit(const stave_option_info& option) {
  const std::string type = option.type;
  if (type == "bool") return "true or false";
  if (type == "choice") return "one word";
  if (type == "size") return "bytes";
  if (type == "duration") return "milliseconds";
  return type == "percent" ? "percent" : "a number";
}

std::string option_bounds(const stave_option_info& option) {
  const std::string choices = option.choices;
  if (!choices.empty()) return choices;
  const std::string low = option.minimum;
  const std::string high = option.maximum;
  return low.empty() && high.empty() ? "" : low + ".." + high;
}

const char* option_units_help() {
  return "A size is in bytes, or has a unit: KiB, MiB, GiB, TiB (or K, M, G, T) of 1024, "
         "KB, MB, GB, TB of 1000. A duration is in milliseconds, or has a unit: ms, s, m, h, d. "
         "Both are whole numbers";
}

}  // namespace stave::cli
