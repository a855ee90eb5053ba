// A verb of the `stave` command: it declares its flags, then runs with what was given.
#pragma once

#include <memory>
#include <vector>

#include "cli/context.h"
#include "cli/exit_code.h"

namespace CLI {
class App;
}

namespace stave::cli {

class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // Adds the verb's flags and arguments to its parser, which binds them to this object.
  virtual void declare(CLI::App& verb) = 0;

  // Throws Failure or BrokenPipe. Standard output is flushed by the caller.
  virtual Exit run(Context& context) = 0;
};

std::unique_ptr<Command> make_put();
std::unique_ptr<Command> make_get();
std::unique_ptr<Command> make_delete();
std::unique_ptr<Command> make_clear();
std::unique_ptr<Command> make_exists();
std::unique_ptr<Command> make_ttl();
std::unique_ptr<Command> make_touch();
std::unique_ptr<Command> make_persist();
std::unique_ptr<Command> make_incr();
std::unique_ptr<Command> make_append();
std::unique_ptr<Command> make_cas();
std::unique_ptr<Command> make_list();
std::unique_ptr<Command> make_scan();
std::unique_ptr<Command> make_count();
std::unique_ptr<Command> make_dump();
std::unique_ptr<Command> make_load();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_merge();
std::unique_ptr<Command> make_stats();
std::unique_ptr<Command> make_files();
std::unique_ptr<Command> make_verify();
std::unique_ptr<Command> make_repair();
std::unique_ptr<Command> make_backup();
std::unique_ptr<Command> make_watch();
std::unique_ptr<Command> make_calc();
std::unique_ptr<Command> make_bench();
std::unique_ptr<Command> make_repl();
std::unique_ptr<Command> make_menu();
std::unique_ptr<Command> make_options();
std::unique_ptr<Command> make_man();
std::unique_ptr<Command> make_completions();
std::unique_ptr<Command> make_version();

struct Verb {
  const char* name;
  const char* summary;
  std::unique_ptr<Command> command;
};

// All verbs, in the order in which the help lists them.
std::vector<Verb> make_verbs();

}  // namespace stave::cli
