// stave repl [DIR] [--read-only] [--no-history] [--keep-going]
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/guarded.h"
#include "cli/interrupt.h"
#include "cli/session/command_reader.h"
#include "cli/session/completer.h"
#include "cli/session/history.h"
#include "cli/session/plain_lines.h"
#include "cli/session/start.h"

namespace stave::cli {
namespace {

constexpr char kPrompt[] = "stave> ";
constexpr char kBatchPrompt[] = "batch> ";

class ReplCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb_ = &verb;
    declare_store_argument(verb, dir_);
    verb.footer(
        "Commands may come from a pipe or a file. Then the first whose exit code is not 0 ends "
        "the\n"
        "session with that code: also a 'get' of a key that is not there. --keep-going goes on.");
    verb.add_flag("--read-only", read_only_, "Change nothing, and work beside a running writer");
    verb.add_flag("--no-history", no_history_, "Neither read nor write the history file");
    verb.add_flag("--keep-going", keep_going_,
                  "Not at a terminal: go on after an error; the exit code is that of the first");
  }

  Exit run(Context& context) override {
    take_store_argument(context, *verb_, dir_);
    const std::unique_ptr<Session> session = open(context);
    const Exit exit = is_interactive() ? talk(*session) : obey(*session);
    const bool open_batch = session->batch() != nullptr;
    const size_t operations = stave_batch_count(session->batch());
    session->close();
    if (!open_batch) return exit;
    print_error(context, "the batch was not committed: " + std::to_string(operations) +
                             " of its operations are dropped");
    return exit == Exit::ok ? Exit::usage : exit;
  }

 private:
  std::unique_ptr<Session> open(const Context& context) const {
    if (read_only_) return std::make_unique<Session>(context, Access::read);
    std::unique_ptr<Session> session = open_existing(context);
    if (session != nullptr) return session;
    session = std::make_unique<Session>(context, Access::create);
    print_note(context, "a new store was made in '" + one_line(context.dir) + "'");
    return session;
  }

  static std::string prompt(const Session& session) {
    return session.batch() == nullptr ? kPrompt : kBatchPrompt;
  }

  // At a terminal: errors are told, and the next command is asked for.
  Exit talk(Session& session) const {
    const InterruptGuard guard;
    const std::string* earlier = nullptr;
    LineEditor editor(
        [&](const std::string& line) { return complete_command(session, *earlier, line); });
    CommandReader reader(editor, [&] { return prompt(session); });
    earlier = &reader.text();
    HistoryFile history = load_history(session.context(), editor);
    print_note(session.context(), "'help' lists the commands, TAB completes, Ctrl-D ends");
    while (!session.ended()) {
      const CommandReader::Command command = reader.next();
      if (command.got == LineInput::Got::end && !command.error) break;
      if (command.got == LineInput::Got::line) {
        remember(session.context(), reader.text(), editor, history);
      }
      if (command.error) print_error(session.context(), command.error->what());
      session.run(command.words);
    }
    return Exit::ok;
  }

  // From a pipe or a file.
  Exit obey(Session& session) const {
    PlainLines lines(nullptr);
    CommandReader reader(lines, [] { return ""; });
    Exit first = Exit::ok;
    while (!session.ended() && (first == Exit::ok || keep_going_)) {
      const CommandReader::Command command = reader.next();
      if (command.got == LineInput::Got::end && !command.error) break;
      Context context = session.context();
      context.verb = "line " + std::to_string(command.line);
      Exit exit = session.run(command.words, context.verb);
      if (command.error) {
        print_error(context, command.error->what());
        exit = command.error->exit();
      }
      if (first == Exit::ok) first = exit;
    }
    return first;
  }

  // Without a history there is still a session.
  HistoryFile load_history(const Context& context, LineEditor& editor) const {
    HistoryFile file(no_history_ ? "" : usual_history_path());
    const Exit loaded = guarded(context, [&] {
      for (const std::string& line : file.load()) editor.remember(line);
      return Exit::ok;
    });
    return loaded == Exit::ok ? file : HistoryFile("");
  }

  // A command that begins with a blank is not remembered, as in shells.
  static void remember(const Context& context, const std::string& command, LineEditor& editor,
                       HistoryFile& file) {
    if (command.empty() || command.front() == ' ') return;
    const std::string line = as_one_line(command);
    editor.remember(line);
    const Exit kept = guarded(context, [&] {
      file.append(line);
      return Exit::ok;
    });
    if (kept != Exit::ok) file = HistoryFile("");
  }

  const CLI::App* verb_ = nullptr;
  std::string dir_;
  bool read_only_ = false;
  bool no_history_ = false;
  bool keep_going_ = false;
};

}  // namespace

std::unique_ptr<Command> make_repl() { return std::make_unique<ReplCommand>(); }

}  // namespace stave::cli
