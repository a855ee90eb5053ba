// stave menu [DIR]
#include "cli/menu/menu.h"

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/session/line_editor.h"
#include "cli/session/plain_lines.h"
#include "cli/session/start.h"

namespace stave::cli {
namespace {

class MenuCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb_ = &verb;
    declare_store_argument(verb, dir_);
  }

  Exit run(Context& context) override {
    take_store_argument(context, *verb_, dir_);
    if (!is_interactive()) {
      PlainLines lines(&context.out);
      return work(context, lines);
    }
    const InterruptGuard guard;
    LineEditor editor(nullptr);
    return work(context, editor);
  }

 private:
  static Exit work(Context& context, LineInput& input) {
    std::unique_ptr<Session> session = open_existing(context);
    if (session == nullptr) {
      Questions ask(input, context.out);
      const std::string dir = "'" + one_line(context.dir) + "'";
      if (!ask.yes("There is no store in " + dir + ". Make one?")) return Exit::ok;
      session = std::make_unique<Session>(context, Access::create);
    }
    const Exit exit = Menu(*session, input, context.out).run();
    session->close();
    return exit;
  }

  const CLI::App* verb_ = nullptr;
  std::string dir_;
};

}  // namespace

std::unique_ptr<Command> make_menu() { return std::make_unique<MenuCommand>(); }

}  // namespace stave::cli
