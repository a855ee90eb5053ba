// stave repair [DIR] [--dry-run | --hints]
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

using Lines = std::vector<std::string>;

void take_line(void* user, int /*level*/, const char* message) {
  static_cast<Lines*>(user)->emplace_back(message);
}

void print_json(Context& context, const stave_repair_report& r, const Lines& lines) {
  using Json = nlohmann::ordered_json;
  const Json row = {{"changed", r.changed != 0},
                    {"manifest_rebuilt", r.manifest_rebuilt != 0},
                    {"reordered", r.reordered != 0},
                    {"files", r.files},
                    {"files_kept", r.files_kept},
                    {"files_rewritten", r.files_rewritten},
                    {"files_missing", r.files_missing},
                    {"files_left_out", r.files_left_out},
                    {"records", r.records},
                    {"bytes", r.bytes},
                    {"lost_regions", r.lost_regions},
                    {"lost_bytes", r.lost_bytes},
                    {"lost_operations", r.lost_operations},
                    {"lost_keys", r.lost_keys},
                    {"tombstones_restored", r.tombstones_restored},
                    {"hints_rebuilt", r.hints_rebuilt},
                    {"last_seq", r.last_seq},
                    {"quarantine", r.quarantine},
                    {"first_problem", r.first_problem},
                    {"report", lines}};
  // A message may hold a path's bytes: they must not make the JSON invalid.
  context.out.write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

class RepairCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("STORE", dir_, "The directory of the store (default: --dir)");
    CLI::Option* dry =
        verb.add_flag("--dry-run", dry_run_, "Change nothing, and tell what would be done");
    verb.add_flag("--hints", hints_,
                  "Only write all hint files anew, from the data of a store that opens")
        ->excludes(dry);
  }

  Exit run(Context& context) override {
    if (!dir_.empty()) context.dir = dir_;
    return hints_ ? rebuild_hints(context) : repair(context);
  }

 private:
  Exit repair(Context& context) const {
    if (context.dir.empty()) {
      throw Failure(Exit::usage, "no store named: give its directory, --dir DIR or set STAVE_DIR");
    }
    const OptionsHandle options = make_options(context, dry_run_ ? Access::read : Access::write);
    Lines lines;
    check(stave_options_set_log_callback(options.get(), take_line, &lines));
    stave_repair_report report{};
    report.size = sizeof report;
    check(stave_repair(context.dir.c_str(), options.get(), &report));
    if (context.json) {
      print_json(context, report, lines);
    } else if (!context.quiet) {
      print_text(context, report, lines);
    }
    return dry_run_ && report.changed != 0 ? Exit::corrupt : Exit::ok;
  }

  void print_text(Context& context, const stave_repair_report& r, const Lines& lines) const {
    for (const std::string& line : lines) context.out.write(one_line(line) + "\n");
    if (r.changed == 0) return;
    context.out.write(
        std::string(dry_run_ ? "nothing was changed; a repair would leave " : "repaired: ") +
        counted(r.files, "file") + " up to operation " + human_count(r.last_seq) + " (" +
        human_count(r.files_kept) + " kept, " + human_count(r.files_rewritten) + " rewritten, " +
        human_count(r.files_missing) + " missing, " + human_count(r.files_left_out) +
        " left out)\n");
  }

  static Exit rebuild_hints(Context& context) {
    Store store(context, Access::write);
    check(stave_rebuild_hints(store.get()));
    stave_files* made = nullptr;
    check(stave_files_create(store.get(), &made));
    const FilesHandle files(made);
    uint64_t hints = 0;
    for (size_t i = 0; i < stave_files_count(files.get()); ++i) {
      stave_file_info info{};
      info.size = sizeof info;
      check(stave_files_at(files.get(), i, &info));
      hints += info.has_hint;
    }
    store.close();
    if (context.json) {
      context.out.write(nlohmann::ordered_json{{"hints", hints}}.dump() + "\n");
    } else if (!context.quiet) {
      context.out.write(counted(hints, "hint file") + " written\n");
    }
    return Exit::ok;
  }

  std::string dir_;
  bool dry_run_ = false;
  bool hints_ = false;
};

}  // namespace

std::unique_ptr<Command> make_repair() { return std::make_unique<RepairCommand>(); }

}  // namespace stave::cli
