#include "cli/answer.h"

#include <stave/stave.h>

#include "cli/failure.h"

namespace stave::cli {
namespace {
constexpr size_t kShown = 64;
}

void tell_missing(const Context& context, const std::string& key) {
  if (!context.quiet) print_error(context, "no such key: " + key);
}

Exit answer(const Context& context, int status, const std::string& key) {
  const std::string shown = key.substr(0, kShown) + (key.size() > kShown ? "..." : "");
  if (status == STAVE_NOT_FOUND) {
    tell_missing(context, key);
  } else if (status == STAVE_CONFLICT) {
    const std::string text = "the condition does not hold for '" + shown + "': nothing was written";
    if (!context.quiet) print_error(context, text);
  } else {
    check(status);
  }
  return exit_for_status(status);
}

}  // namespace stave::cli
