// stave-bench: the workloads of `stave bench`, over every engine that is installed.
//
//   stave-bench [FLAGS]             engines one after the other in the output
//   stave-bench compare [FLAGS]     side by side, with ratios, and a report (--html)
//
// Status 0; 1 if an engine failed or answered wrongly; 2 for wrong usage; 130 after
// Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "bench/error.h"
#include "bench/interrupt.h"
#include "bench/nearest_word.h"
#include "bench/program.h"
#include "peers/peers.h"
#include "selftest.h"

namespace stave::bench {
namespace {

std::vector<EngineKind> all_engines() {
  std::vector<EngineKind> engines = builtin_engines();
  // Peers stand next to stave, the limits last.
  const std::vector<EngineKind> peers = peer_engines();
  engines.insert(engines.begin() + 2, peers.begin(), peers.end());
  for (EngineKind& kind : selftest_engines()) engines.push_back(std::move(kind));
  return engines;
}

void print(std::string_view text) {
  std::cout << text << std::flush;
  if (!std::cout) throw Error("standard output: writing failed");
}

constexpr char kWhatItDoes[] =
    "Runs workloads on stave and on other embedded stores.\n"
    "  stave-bench [FLAGS]           each engine's figures for itself, one after the other\n"
    "  stave-bench compare [FLAGS]   engines side by side, with ratios and stave's targets\n"
    "Both take the same flags.";

// CLI11 says of an option that was given twice how many values it "required".
std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  const size_t many = text.find(": At Most ");
  const std::vector<std::string> left = app.remaining(true);
  if (many != std::string::npos) {
    text = text.substr(0, many) + " was given twice: give it once";
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    text = text.substr(0, text.find(':')) + " needs a value";
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !left.empty()) {
    std::vector<std::string> known = {"compare"};
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    const std::string& word = left.front();
    text = (word.starts_with('-') ? "there is no flag '" : "there is no command '") + word + "'" +
           did_you_mean(nearest_word(word.substr(0, word.find('=')), known));
  }
  return text + " (see 'stave-bench --help')";
}

int run(int argc, char** argv) {
  const std::vector<EngineKind> engines = all_engines();
  Settings settings;
  CLI::App app(kWhatItDoes, "stave-bench");
  app.fallthrough();
  app.get_formatter()->label("SUBCOMMAND", "compare");
  declare_flags(app, settings, engines);
  app.add_flag("-q,--quiet", settings.quiet, "No progress bar");
  CLI::App* compare = app.add_subcommand("compare", "Engines side by side, with ratios");
  compare->footer("All flags of stave-bench may follow.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& result) {
    if (result.get_exit_code() == 0) return app.exit(result);  // help
    throw UsageError(usage_text(app, result));
  }
  if (compare->count() > 1) throw UsageError("compare was given twice: give it once");
  Program program{settings, engines, compare->parsed(), false, print};
  return run_program(program) ? 0 : 1;
}

}  // namespace
}  // namespace stave::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return stave::bench::run(argc, argv);
  } catch (const stave::bench::UsageError& error) {
    std::fprintf(stderr, "stave-bench: %s\n", error.what());
    return 2;
  } catch (const stave::bench::Interrupted& error) {
    std::fprintf(stderr, "stave-bench: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stave-bench: %s\n", error.what());
  }
  return 1;
}
