// stave clear [--yes]
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class ClearCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_flag("-y,--yes", yes_, "Do not ask");
    verb.add_flag("--sync", sync_, "Return only when that survives a power cut");
  }

  Exit run(Context& context) override {
    if (!yes_ && isatty(STDIN_FILENO) != 1) {
      throw Failure(Exit::usage, "this deletes every key of the store; add --yes if that is meant");
    }
    Store store(context, Access::write);
    const uint64_t keys = store.stats().keys;
    if (!yes_ && !agreed(one_line(context.dir), keys)) {
      store.close();
      print_note(context, "nothing was deleted");
      return Exit::no;
    }
    check(stave_clear(store.get(), sync_ ? STAVE_WRITE_SYNC : 0));
    store.close();
    if (context.json) context.out.write("{\"deleted\":" + std::to_string(keys) + "}\n");
    return Exit::ok;
  }

 private:
  static bool agreed(const std::string& dir, uint64_t keys) {
    std::fputs(("Delete all " + std::to_string(keys) + " keys of " + dir + "? [y/N] ").c_str(),
               stderr);
    std::fflush(stderr);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

  bool yes_ = false;
  bool sync_ = false;
};

}  // namespace

std::unique_ptr<Command> make_clear() { return std::make_unique<ClearCommand>(); }

}  // namespace stave::cli
