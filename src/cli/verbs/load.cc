// stave load [FILE...]: stores the rows of files; the inverse of `list` and `dump`.
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/format_flags.h"
#include "cli/human.h"
#include "cli/line_reader.h"
#include "cli/loader.h"
#include "cli/watch.h"

namespace stave::cli {
namespace {

// Fails for what cannot be read, before the store is made. Returns the size of a plain file.
uint64_t check_input(const std::string& path) {
  struct stat info {};
  if (path == "-") return 0;
  if (stat(path.c_str(), &info) != 0 || access(path.c_str(), R_OK) != 0) {
    throw system_failure("opening '" + path + "'", errno);
  }
  if (S_ISDIR(info.st_mode)) throw system_failure("opening '" + path + "'", EISDIR);
  return S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
}

class LoadCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("FILE", files_, "Files to read; - or none: standard input");
    flags_.declare(verb, "--input-format",
                   "Format of the input; by default that of its name (*.jsonl, *.ndjson, *.json, "
                   "*.csv, *.tsv) or of its first line");
    database_given_ = verb.add_option("--database", database_,
                                      "Of a dump of several databases: read the one called NAME")
                          ->type_name("NAME");
    verb.add_flag("--last-duplicate", last_duplicate_,
                  "Of a dump with several values of a key: store the last");
    verb.add_option("--batch", settings_.batch_records, "Records per batch, each all or nothing")
        ->check(CLI::Range(1, 1 << 20).description("1..1048576"))
        ->capture_default_str()
        ->type_name("N");
    verb.add_flag("--skip-bad", skip_bad_, "Report lines that cannot be read, and go on");
    verb.add_flag("--sync", settings_.sync, "Make each batch survive a power cut");
    verb.footer(
        "Of TSV, a CR before the end of a line is read over, unless the last column is raw.");
    verb.add_flag("--ack", settings_.ack,
                  "After each acknowledged batch print ACK and the number of records so far");
  }

  Exit run(Context& context) override {
    if (context.json && settings_.ack) {
      throw Failure(Exit::usage, "--ack and --json both print on standard output: choose one");
    }
    if (files_.empty()) files_.emplace_back("-");
    for (const std::string& path : files_) check_input_is_free(context, path);
    uint64_t total = 0;
    for (const std::string& path : files_) total += check_input(path);
    const bool typed = std::find(files_.begin(), files_.end(), "-") != files_.end();
    if (typed && isatty(STDIN_FILENO) == 1) print_note(context, "reading rows, up to Ctrl-D");
    check_names();
    Store store(context, Access::create);
    Loader loader(context, store, settings_);
    const auto start = std::chrono::steady_clock::now();
    try {
      load_all(context, store, loader, total);
    } catch (const Failure&) {
      summarize(context, loader, start);
      throw;
    }
    store.close();
    summarize(context, loader, start);
    return Exit::ok;
  }

 private:
  // What can be told before the store is made: the flags, or the names, say the formats.
  void check_names() const {
    for (const std::string& path : files_) {
      check_format(flags_.file_format().value_or(detect_file_format(path, "")), path);
    }
  }

  void check_format(FileFormat format, const std::string& path) const {
    const std::string name = path == "-" ? "standard input" : "'" + path + "'";
    flags_.check_for(format, name + " is " + std::string(name_of(format)));
  }

  void load_all(Context& context, Store& store, Loader& loader, uint64_t total) {
    Watch watch(context, store, [this, total] { return Progress{"load", bytes_read_, total}; });
    for (const std::string& path : files_) load_file(context, loader, path);
    loader.flush();
  }

  void load_file(Context& context, Loader& loader, const std::string& path) {
    LineReader lines(path);
    const FileFormat format = flags_.file_format().value_or(detect_file_format(path, lines.peek()));
    check_format(format, path);
    const std::unique_ptr<RowReader> reader = make_row_reader(format, lines, options_for(format));
    const uint64_t before = bytes_read_;
    Row row;
    for (bool more = true; more;) {
      try {
        more = reader->next(row);
        if (more) loader.add(row);
      } catch (const BrokenInput& error) {
        stop(loader, place(lines) + error.what(), "");
      } catch (const DecodeError& error) {
        if (!skip_bad_) stop(loader, place(lines) + error.what(), "; --skip-bad leaves such out");
        ++skipped_;
        print_error(context, place(lines) + error.what());
      }
      bytes_read_ = before + lines.bytes();
    }
  }

  ReadOptions options_for(FileFormat format) const {
    ReadOptions options{.encodings = flags_.encodings(format),
                        .header = flags_.header(),
                        .expiry = flags_.expiry(),
                        .db_dump = {}};
    if (database_given_->count() > 0) options.db_dump.database = database_;
    options.db_dump.last_duplicate = last_duplicate_;
    return options;
  }

  static std::string place(const LineReader& lines) {
    return lines.name() + ":" + std::to_string(lines.number()) + ": ";
  }

  [[noreturn]] static void stop(Loader& loader, const std::string& text, const char* advice) {
    loader.flush();  // what stands before the bad row is stored
    std::string stored = "nothing was stored";
    if (loader.records() == 1) stored = "the row before it is stored";
    if (loader.records() > 1) {
      stored = "the " + human_count(loader.records()) + " rows before it are stored";
    }
    throw Failure(Exit::bad_input, text + " (" + stored + advice + ")");
  }

  void summarize(Context& context, const Loader& loader,
                 std::chrono::steady_clock::time_point start) const {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    const double seconds = std::max(elapsed.count(), 1e-6);
    if (context.json) {
      nlohmann::ordered_json summary = {{"records", loader.records()},
                                        {"bytes", loader.bytes()},
                                        {"skipped", skipped_},
                                        {"seconds", seconds}};
      return context.out.write(summary.dump() + "\n");
    }
    auto rate = static_cast<uint64_t>(static_cast<double>(loader.records()) / seconds);
    std::string text = counted(loader.records(), "record") + ", " + human_bytes(loader.bytes()) +
                       " in " + human_seconds(seconds) + ", " + human_count(rate) + " records/s";
    if (skipped_ > 0) text += ", skipped " + counted(skipped_, "bad line");
    print_note(context, text);
  }

  std::vector<std::string> files_;
  FormatFlags flags_;
  CLI::Option* database_given_ = nullptr;
  std::string database_;
  bool last_duplicate_ = false;
  Loader::Settings settings_;
  bool skip_bad_ = false;
  std::atomic<uint64_t> bytes_read_{0};  // relaxed would do: only a progress bar reads it
  uint64_t skipped_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_load() { return std::make_unique<LoadCommand>(); }

}  // namespace stave::cli
