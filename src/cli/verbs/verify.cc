// stave verify
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/watch.h"

namespace stave::cli {
namespace {

void print_json(Context& context, const stave_verify_report& report) {
  nlohmann::ordered_json result = {{"problems", report.problems},
                                   {"files", report.files},
                                   {"records", report.records},
                                   {"bytes", report.bytes},
                                   {"hints", report.hints},
                                   {"bad_records", report.bad_records},
                                   {"bad_hints", report.bad_hints},
                                   {"bad_keys", report.bad_keys},
                                   {"first_problem", report.first_problem}};
  // A message may hold a path's bytes: they must not make the JSON invalid.
  using Json = nlohmann::ordered_json;
  context.out.write(result.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void print_text(Context& context, const stave_verify_report& report) {
  context.out.write("read " + counted(report.files, "file") + ", " +
                    counted(report.records, "record") + ", " + human_bytes(report.bytes) +
                    "; compared " + counted(report.hints, "hint file") + "\n");
  if (report.problems > 0) {
    context.out.write(
        counted(report.problems, "problem") + ": " + counted(report.bad_records, "bad record") +
        ", " + counted(report.bad_hints, "bad hint file") + ", " +
        counted(report.bad_keys, "bad keydir slot") + "\nfirst: " + one_line(report.first_problem) +
        "\n'stave repair' saves what can be read; 'stave repair --dry-run' tells what "
        "that is\n");
    return;
  }
  context.out.write("no damage found\n");
  if (report.bad_hints == 0) return;
  context.out.write(counted(report.bad_hints, "hint file") +
                    " missing or damaged: derived from the data, made again by the next writer or "
                    "merge that needs it\n");
}

class VerifyCommand : public Command {
 public:
  void declare(CLI::App&) override {}

  Exit run(Context& context) override {
    Store store(context, Access::read);
    stave_verify_report report{};
    report.size = sizeof(report);
    int status = STAVE_OK;
    {
      Watch watch(context, store, library_progress(store));
      status = stave_verify(store.get(), &report);
    }
    if (status != STAVE_OK && (status != STAVE_CORRUPT || report.problems == 0)) check(status);
    if (context.json) {
      print_json(context, report);
    } else if (!context.quiet) {
      print_text(context, report);
    }
    store.close();
    return exit_for_status(status);
  }
};

}  // namespace

std::unique_ptr<Command> make_verify() { return std::make_unique<VerifyCommand>(); }

}  // namespace stave::cli
