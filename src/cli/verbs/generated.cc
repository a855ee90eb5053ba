// stave man [PAGE], stave completions SHELL: text for other programs, made from the parser's
// tables.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/completions.h"
#include "cli/manual.h"

namespace stave::cli {
namespace {

class ManCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    app_ = verb.get_parent();
    verb.add_option("PAGE", page_, "The page (default stave)")
        ->check(CLI::IsMember({"stave", "stave-options"}).description(""))
        ->type_name("stave|stave-options");
  }

  Exit run(Context& context) override {
    const CommandTable table = command_table(*app_);
    context.out.write(page_ == "stave" ? manual_of_command(table) : manual_of_options(table));
    return Exit::ok;
  }

 private:
  const CLI::App* app_ = nullptr;
  std::string page_ = "stave";
};

class CompletionsCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    app_ = verb.get_parent();
    verb.add_option("SHELL", shell_, "The shell")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
        ->type_name("bash|zsh|fish");
  }

  Exit run(Context& context) override {
    const CommandTable table = command_table(*app_);
    if (shell_ == "bash") {
      context.out.write(bash_completions(table));
    } else {
      context.out.write(shell_ == "zsh" ? zsh_completions(table) : fish_completions(table));
    }
    return Exit::ok;
  }

 private:
  const CLI::App* app_ = nullptr;
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_man() { return std::make_unique<ManCommand>(); }
std::unique_ptr<Command> make_completions() { return std::make_unique<CompletionsCommand>(); }

}  // namespace stave::cli
