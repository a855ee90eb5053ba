#include "cli/context.h"

#include <unistd.h>

#include <cstdio>

#include "cli/failure.h"

namespace stave::cli {

void check_input_is_free(const Context& context, const std::string& path) {
  if (context.lent == nullptr || path != "-") return;
  throw Failure(Exit::usage, "standard input holds the commands: name a file");
}

void print_error(const Context& context, const std::string& text) {
  std::string line = isatty(STDERR_FILENO) == 1 ? kClearLine : "";
  line += "stave: ";
  if (!context.verb.empty()) line += context.verb + ": ";
  line += one_line(text) + "\n";
  std::fputs(line.c_str(), stderr);  // one call: no other thread's bytes in between
}

void print_note(const Context& context, const std::string& text) {
  if (!context.quiet) std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace stave::cli
