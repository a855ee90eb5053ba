#include "cli/session/session.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "cli/guarded.h"
#include "cli/help.h"
#include "cli/session/own_commands.h"
#include "cli/usage_error.h"

namespace stave::cli {
namespace {

// They open stores of their own, need this one closed, or are about the shell.
bool is_for_sessions(const std::string& verb) {
  static constexpr std::array<std::string_view, 6> kOthers = {"bench", "completions", "man",
                                                              "menu",  "repair",      "repl"};
  return std::find(kOthers.begin(), kOthers.end(), verb) == kOthers.end();
}

BatchHandle make_batch() {
  stave_batch* made = nullptr;
  check(stave_batch_create(&made));
  return BatchHandle(made);
}

// Of all commands only the one that is wanted needs a parser; all are needed to say what is near a
// word that is none.
void keep_one(std::vector<Verb>& commands, const std::string& name) {
  auto is_other = [&name](const Verb& verb) { return name != verb.name; };
  if (!std::all_of(commands.begin(), commands.end(), is_other)) std::erase_if(commands, is_other);
}

// A script that says `put KEY -` means its standard input, which holds the commands. The word
// behind the command is a key.
void check_hyphens(const std::string& name, const std::vector<Argument>& words) {
  if (name != "put" && name != "append" && name != "cas") return;
  for (size_t i = 2; i < words.size(); ++i) {
    if (words[i].text == "-" && !words[i].literal) {
      throw Failure(Exit::usage,
                    "standard input holds the commands: write the value here, or \"-\" in quotes "
                    "for a hyphen");
    }
  }
}

}  // namespace

void declare_commands(CLI::App& app, Context& context, const std::vector<Verb>& commands) {
  app.fallthrough();
  set_help_format(app, "COMMAND");
  app.set_help_flag("-h,--help", "Print this help");
  app.add_flag("--json", context.json, "Print JSON");
  app.add_flag("-q,--quiet", context.quiet, "No progress, no summaries");
  for (const Verb& verb : commands) {
    verb.command->declare(*app.add_subcommand(verb.name, verb.summary));
  }
  app.require_subcommand(1);
  unmark_results(app);
}

Session::Session(const Context& context, Access access)
    : context_(context), store_(context_, access) {
  context_.lent = &store_.open();
  context_.verb.clear();  // in messages the command stands
}

std::vector<Verb> Session::commands() {
  std::vector<Verb> all = make_verbs();
  std::erase_if(all, [](const Verb& verb) { return !is_for_sessions(verb.name); });
  for (Verb& own : make_own_commands(*this)) all.push_back(std::move(own));
  return all;
}

Exit Session::run(const std::vector<Argument>& words, const std::string& place) {
  if (words.empty()) return Exit::ok;
  Context context = context_;
  context.verb = place;
  return guarded_and_flushed(context, [&] { return parse_and_run(context, words); });
}

Exit Session::parse_and_run(Context& context, const std::vector<Argument>& words) {
  std::vector<Verb> commands = this->commands();
  const std::string& name = words.front().text;
  keep_one(commands, name);
  CLI::App app("", "");
  declare_commands(app, context, commands);
  const bool known = commands.size() == 1;
  const std::string place = context.verb + (context.verb.empty() ? "" : ": ");
  if (known) context.verb = place + name;
  try {
    std::vector<std::string> arguments = mark_arguments(words);
    if (known) arguments.front() = name;  // "put" is put
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    context.out.write(app.help());
    return Exit::ok;
  } catch (const CLI::ParseError& error) {
    throw Failure(Exit::usage, usage_error_text(app, error, "command") + " (see 'help" +
                                   (known ? " " + name : "") + "')");
  }
  const std::string parsed = app.get_subcommands().front()->get_name();  // flags may stand before
  context.verb = place + parsed;
  keep_one(commands, parsed);
  check_hyphens(parsed, words);
  // A reader sees what the writer has done up to now.
  if (read_only()) check(stave_refresh(db()));
  return commands.front().command->run(context);
}

void Session::begin_batch() {
  if (batch_ != nullptr) throw Failure(Exit::usage, "a batch is open already: commit or abort it");
  if (read_only()) throw Failure(Exit::usage, "this writes, and the store was opened read-only");
  batch_ = make_batch();
  store_.open().batch = batch_.get();
}

void Session::commit_batch(bool sync) {
  if (batch_ == nullptr) throw Failure(Exit::usage, "no batch is open: begin one");
  check(stave_write(db(), batch_.get(), sync ? STAVE_WRITE_SYNC : 0));
  drop_batch();
}

void Session::drop_batch() {
  store_.open().batch = nullptr;
  batch_.reset();
}

}  // namespace stave::cli
