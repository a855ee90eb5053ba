#include "cli/session/start.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/failure.h"

namespace stave::cli {

bool is_interactive() { return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1; }

void declare_store_argument(CLI::App& verb, std::string& dir) {
  verb.add_option("DIR", dir, "The directory of the store, in place of --dir");
}

void take_store_argument(Context& context, const CLI::App& verb, const std::string& dir) {
  if (verb.count("DIR") == 0) return;
  if (verb.get_parent()->count("--dir") > 0) {
    throw Failure(Exit::usage, "the store is named twice: by --dir and by DIR");
  }
  if (dir.empty()) throw Failure(Exit::usage, "DIR is empty: name the directory of the store");
  context.dir = dir;
}

std::unique_ptr<Session> open_existing(const Context& context) {
  try {
    return std::make_unique<Session>(context, Access::write);
  } catch (const Failure& failure) {
    if (failure.exit() != Exit::no_store) throw;
    return nullptr;
  }
}

}  // namespace stave::cli
