#include "cli/session/own_commands.h"

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/session/session.h"

namespace stave::cli {
namespace {

constexpr char kWordsHelp[] =
    "\n"
    "Words stand apart by blanks. Write what holds blanks in 'single' or \"double\" quotes; they\n"
    "may go on over several lines. A backslash begins an escape, in quotes and outside:\n"
    "\\n \\t \\r \\0 \\xHH are bytes; \\\\ \\\" \\' are themselves. A # begins a comment.\n"
    "What was quoted is never a flag: put \"-key\" value\n"
    "'get' and 'list' print escapes that can be typed again.\n";

class Action : public Command {
 public:
  explicit Action(std::function<void()> action) : action_(std::move(action)) {}
  void declare(CLI::App&) override {}
  Exit run(Context&) override {
    action_();
    return Exit::ok;
  }

 private:
  std::function<void()> action_;
};

class CommitCommand : public Command {
 public:
  explicit CommitCommand(Session& session) : session_(session) {}
  void declare(CLI::App& verb) override {
    verb.add_flag("--sync", sync_, "Return only when the batch survives a power cut");
  }
  Exit run(Context& context) override {
    const size_t operations = stave_batch_count(session_.batch());
    session_.commit_batch(sync_);
    if (context.json) {
      context.out.write("{\"operations\":" + std::to_string(operations) + "}\n");
    } else {
      print_note(context, counted(operations, "operation") + " written");
    }
    return Exit::ok;
  }

 private:
  Session& session_;
  bool sync_ = false;
};

class AbortCommand : public Command {
 public:
  explicit AbortCommand(Session& session) : session_(session) {}
  void declare(CLI::App&) override {}
  Exit run(Context& context) override {
    if (session_.batch() == nullptr) throw Failure(Exit::usage, "no batch is open: begin one");
    const size_t operations = stave_batch_count(session_.batch());
    session_.drop_batch();
    print_note(context, counted(operations, "operation") + " dropped");
    return Exit::ok;
  }

 private:
  Session& session_;
};

class HelpCommand : public Command {
 public:
  explicit HelpCommand(Session& session) : session_(session) {}
  void declare(CLI::App& verb) override { verb.add_option("COMMAND", name_, "One of them"); }
  Exit run(Context& context) override {
    std::vector<Verb> commands = session_.commands();
    if (name_.empty()) {
      print_all(context, commands);
      return Exit::ok;
    }
    std::erase_if(commands, [this](const Verb& verb) { return name_ != verb.name; });
    if (commands.empty()) {
      throw Failure(Exit::usage, "there is no command '" + name_ + "' (see 'help')");
    }
    CLI::App app("", "");
    declare_commands(app, context, commands);
    context.out.write(app.get_subcommand(name_)->help());
    return Exit::ok;
  }

 private:
  static void print_all(Context& context, const std::vector<Verb>& commands) {
    constexpr size_t kNameWidth = 11;
    for (const Verb& verb : commands) {
      context.out.write("  " + pad_right(verb.name, kNameWidth) + verb.summary + "\n");
    }
    context.out.write("\n'help COMMAND' tells its flags and arguments.\n");
    context.out.write(kWordsHelp);
  }

  Session& session_;
  std::string name_;
};

}  // namespace

std::vector<Verb> make_own_commands(Session& session) {
  std::vector<Verb> own;
  auto add = [&own](const char* name, const char* summary, std::unique_ptr<Command> command) {
    own.push_back({name, summary, std::move(command)});
  };
  auto act = [](std::function<void()> action) {
    return std::make_unique<Action>(std::move(action));
  };
  add("begin", "Begin a batch: put and delete wait for commit, reads do not see them",
      act([&session] { session.begin_batch(); }));
  add("commit", "Write the batch, all of it or nothing", std::make_unique<CommitCommand>(session));
  add("abort", "Drop the batch", std::make_unique<AbortCommand>(session));
  add("sync", "Make all that was written survive a power cut",
      act([&session] { check(stave_sync(session.db())); }));
  add("help", "List the commands, or tell of one", std::make_unique<HelpCommand>(session));
  add("quit", "End (so does Ctrl-D)", act([&session] { session.end(); }));
  add("exit", "As quit", act([&session] { session.end(); }));
  return own;
}

}  // namespace stave::cli
