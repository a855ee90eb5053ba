// stave backup TO [--copy]
#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/watch.h"

namespace stave::cli {
namespace {

class BackupCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("TO", to_, "The directory of the backup: new, empty, or of an earlier backup")
        ->required();
    verb.add_flag("--copy", copy_, "Copy all files, also where hard links would do");
  }

  Exit run(Context& context) override {
    Store store(context, Access::read);
    const auto start = std::chrono::steady_clock::now();
    stave_backup_report report{};
    report.size = sizeof report;
    {
      Watch watch(context, store, library_progress(store));
      check(stave_backup(store.get(), to_.c_str(), copy_ ? STAVE_BACKUP_COPY : 0, &report));
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    store.close();
    print(context, report, elapsed.count());
    return Exit::ok;
  }

 private:
  static void print(Context& context, const stave_backup_report& r, double seconds) {
    if (context.json) {
      nlohmann::ordered_json row = {{"files", r.files},
                                    {"files_linked", r.files_linked},
                                    {"files_copied", r.files_copied},
                                    {"files_kept", r.files_kept},
                                    {"bytes", r.bytes},
                                    {"bytes_copied", r.bytes_copied},
                                    {"last_seq", r.last_seq},
                                    {"seconds", seconds}};
      return context.out.write(row.dump() + "\n");
    }
    if (context.quiet) return;
    context.out.write(counted(r.files, "file") + ", " + human_bytes(r.bytes) + ": " +
                      human_count(r.files_linked) + " linked, " + human_count(r.files_copied) +
                      " copied, " + human_count(r.files_kept) + " there already; " +
                      human_bytes(r.bytes_copied) + " written in " + human_seconds(seconds) +
                      "\nup to operation " + human_count(r.last_seq) + "\n");
  }

  std::string to_;
  bool copy_ = false;
};

}  // namespace

std::unique_ptr<Command> make_backup() { return std::make_unique<BackupCommand>(); }

}  // namespace stave::cli
