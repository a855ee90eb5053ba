// stave bench: stave and the baselines. Peers are in tests/bench, which is not installed.
#include <CLI/CLI.hpp>

#include "bench/error.h"
#include "bench/interrupt.h"
#include "bench/program.h"
#include "cli/command.h"
#include "cli/failure.h"

namespace stave::cli {
namespace {

class BenchCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    bench::declare_flags(verb, settings_, engines_);
    settings_.program = "stave: bench";
  }

  Exit run(Context& context) override {
    settings_.quiet = context.quiet;
    const bench::Program program{settings_, engines_, true, context.json,
                                 [&context](std::string_view text) {
                                   context.out.write(text);
                                   context.out.flush();
                                 }};
    try {
      if (!bench::run_program(program)) throw Failure(Exit::other, "an engine failed");
    } catch (const bench::UsageError& error) {
      throw Failure(Exit::usage, error.what());
    } catch (const bench::Interrupted& error) {
      throw Failure(static_cast<Exit>(error.exit_code()), error.what());
    }
    return Exit::ok;
  }

 private:
  const std::vector<bench::EngineKind> engines_ = bench::builtin_engines();
  bench::Settings settings_;
};

}  // namespace

std::unique_ptr<Command> make_bench() { return std::make_unique<BenchCommand>(); }

}  // namespace stave::cli
