#include "cli/application.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/engine_options.h"
#include "cli/failure.h"
#include "cli/guarded.h"
#include "cli/help.h"
#include "cli/usage_error.h"

namespace stave::cli {
namespace {

constexpr char kEngineGroup[] = "Engine options (as -o NAME=VALUE too)";

void declare_globals(CLI::App& app, Context& context) {
  app.add_option("--dir", context.dir, "Directory of the store (default: $STAVE_DIR)")
      ->type_name("DIR");
  app.add_option("-o,--option", context.options,
                 "Set an engine option; repeatable; 'stave options' lists them")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_flag("--json", context.json, "Print JSON");
  app.add_flag("-q,--quiet", context.quiet, "No progress, no summaries");
  app.add_flag("-v,--verbose", context.verbose, "Show all log events of the store");
  app.set_version_flag("--version", std::string("stave ") + stave_version(), "Print the version");
  app.set_help_flag("-h,--help", "Print this help");
}

void declare_verbs(CLI::App& app, const std::vector<Verb>& verbs) {
  for (const Verb& verb : verbs) {
    CLI::App* parser = app.add_subcommand(verb.name, verb.summary);
    parser->footer("");  // not that of all verbs
    parser->group("Verbs");
    verb.command->declare(*parser);
    const std::string own = parser->get_footer();
    parser->footer(own + (own.empty() ? "" : "\n") +
                   "--dir, -o, --json and the other global options: see 'stave --help'.");
  }
  app.require_subcommand(1);
  // Last, or every verb would list it too.
  app.set_help_all_flag("--help-all", "Print the help of all verbs and the engine options");
}

// Every engine option as a flag of its own. Behind a verb that has a flag of that name (--sync) it
// is the verb's.
void declare_engine_options(CLI::App& app, Context& context, const std::string& group) {
  for (const stave_option_info& option : engine_options()) {
    const std::string flag = std::string("--") + option.name;
    if (app.get_option_no_throw(flag) != nullptr) continue;
    auto set = [&context, name = std::string(option.name)](const std::string& value) {
      context.options.push_back(name + "=" + value);
    };
    app.add_option_function<std::string>(flag, set, option.description)
        ->type_name(option.type)
        ->default_str(option.default_value)
        ->group(group);
  }
}

bool asks_for_all_help(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--help-all") return true;
  }
  return false;
}

// Prints help or a version asked for, or the usage error. Returns the exit code.
Exit finish_parse(const CLI::App& app, const CLI::ParseError& result, Context& context) {
  const CLI::App* verb = app.get_subcommands().empty() ? nullptr : app.get_subcommands().front();
  if (verb != nullptr) context.verb = verb->get_name();
  if (dynamic_cast<const CLI::CallForVersion*>(&result) != nullptr) {
    context.out.write(std::string(result.what()) + "\n");
  } else if (dynamic_cast<const CLI::CallForAllHelp*>(&result) != nullptr) {
    context.out.write(app.help("", CLI::AppFormatMode::All));
  } else if (dynamic_cast<const CLI::CallForHelp*>(&result) != nullptr) {
    context.out.write(app.help());
  } else {
    const std::string words = verb == nullptr ? "" : verb->get_name() + " ";
    print_error(context, usage_error_text(app, result) + " (see 'stave " + words + "--help')");
    return Exit::usage;
  }
  return Exit::ok;
}

Exit parse_and_run(int argc, char** argv, Context& context) {
  CLI::App app("stave: an embedded key-value store", "stave");
  app.fallthrough();
  app.footer(exit_code_help());
  set_help_format(app, "VERB");
  declare_globals(app, context);
  std::vector<Verb> verbs = make_verbs();
  verbs.push_back({"help", "Print the help, or that of a verb", make_help()});
  declare_verbs(app, verbs);
  declare_engine_options(app, context, asks_for_all_help(argc, argv) ? kEngineGroup : "");
  unmark_results(app);
  try {
    std::vector<std::string> arguments = mark_arguments(take_arguments(argc, argv));
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& result) {
    return finish_parse(app, result, context);
  }
  context.verb = app.get_subcommands().front()->get_name();
  if (app.count("--dir") == 0) {
    if (const char* dir = std::getenv("STAVE_DIR"); dir != nullptr) context.dir = dir;
  } else if (context.dir.empty()) {
    // A script's unset variable, most likely: another store than it meant must not be taken.
    throw Failure(Exit::usage, "--dir is empty: name the directory of the store");
  }
  for (Verb& verb : verbs) {
    if (context.verb == verb.name) return verb.command->run(context);
  }
  return Exit::other;
}

// Ends the way a process ends whose pipe was closed, so that a shell sees what it expects.
[[noreturn]] void die_of_sigpipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  std::_Exit(128 + SIGPIPE);
}

}  // namespace

int run_application(int argc, char** argv) {
  Output out(STDOUT_FILENO);
  Context context{.out = out, .verb = {}, .dir = {}, .options = {}};
  try {
    return static_cast<int>(
        guarded_and_flushed(context, [&] { return parse_and_run(argc, argv, context); }));
  } catch (const BrokenPipe&) {
    die_of_sigpipe();
  }
}

}  // namespace stave::cli
