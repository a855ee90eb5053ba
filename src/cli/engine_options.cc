#include "cli/engine_options.h"

#include "cli/failure.h"

namespace stave::cli {

std::vector<stave_option_info> engine_options() {
  std::vector<stave_option_info> table(stave_option_count());
  for (size_t i = 0; i < table.size(); ++i) {
    table[i].size = sizeof(stave_option_info);
    check(stave_option_at(i, &table[i]));
  }
  return table;
}

}  // namespace stave::cli
