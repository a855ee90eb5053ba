// stave dump: writes all keys and values for other programs; `load` reads all of it back.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/format_flags.h"
#include "cli/formats/db_dump_writer.h"
#include "cli/human.h"
#include "cli/output_file.h"
#include "cli/watch.h"

namespace stave::cli {
namespace {

constexpr size_t kLmdbKeySizeMax = 511;  // as it is compiled everywhere

class DumpCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    flags_.declare(verb, "--output-format",
                   "Format of the file (default dbdump: what mdb_load and db_load read)");
    verb.add_flag("--print", print_, "Of dbdump: printable bytes as they are, not in hex");
    verb.add_option(
            "--for", reader_,
            "Of dbdump: with the line mapsize, which mdb_load needs for more than 1 MiB, or "
            "without it, as db_load wants it; by default it is there if needed")
        ->check(CLI::IsMember({"lmdb", "bdb"}).description(""))
        ->type_name("lmdb|bdb");
    verb.add_option("--prefix", prefix_,
                    "Only keys that begin with P, in the encoding of keys (default escaped)")
        ->type_name("P");
    verb.add_option("--output", file_, "Write FILE; it appears when it is whole")
        ->type_name("FILE");
  }

  Exit run(Context& context) override {
    const FileFormat format =
        flags_.file_format().value_or(context.json ? FileFormat::jsonl : FileFormat::dbdump);
    check_flags(format);
    const std::string prefix = decode_argument("prefix", flags_.prefix_encoding(context), prefix_);
    Store store(context, Access::read);
    const stave_stats stats = store.stats();
    const std::unique_ptr<RowWriter> writer = make_writer(format, stats);
    if (file_.empty()) {
      const bool draws = !context.out.is_terminal();
      write_all(context, store, *writer, prefix, context.out, draws ? stats.live_bytes : 0);
    } else {
      OutputFile file(file_);
      write_all(context, store, *writer, prefix, file.out(), stats.live_bytes);
      file.finish();
      print_note(context, counted(records_, "record") + ", " + human_bytes(bytes_) + " in '" +
                              one_line(file_) + "'");
    }
    store.close();
    if (expiry_lost_ > 0) {
      print_error(context, "warning: " + counted(expiry_lost_, "expiring record") +
                               " written without the time of expiry (jsonl has a field for it, "
                               "csv and tsv a column: --expiry)");
    }
    return Exit::ok;
  }

 private:
  void check_flags(FileFormat format) const {
    if (format != FileFormat::dbdump && (print_ || !reader_.empty())) {
      throw Failure(Exit::usage, "--print and --for belong to the format dbdump alone");
    }
    flags_.check_for(format, "the output is " + std::string(name_of(format)), !prefix_.empty());
  }

  std::unique_ptr<RowWriter> make_writer(FileFormat format, const stave_stats& stats) {
    WriteOptions options{.encodings = flags_.encodings(format),
                         .header = flags_.header(),
                         .expiry = flags_.expiry()};
    options.text = print_ ? DbDumpText::print : DbDumpText::bytevalue;
    const uint64_t map_bytes = lmdb_map_bytes(stats.live_bytes);
    const bool needed = map_bytes > kLmdbMapDefault;
    if (format == FileFormat::dbdump && (reader_ == "lmdb" || (reader_.empty() && needed))) {
      options.lmdb_map_bytes = map_bytes;
      key_size_max_ = kLmdbKeySizeMax;
    }
    return make_row_writer(format, options);
  }

  void write_all(Context& context, Store& store, const RowWriter& writer, const std::string& prefix,
                 Output& out, uint64_t total) {
    stave_iter* made = nullptr;
    check(stave_iter_create(store.get(), prefix.data(), prefix.size(), &made));
    IterHandle iter(made);
    std::optional<Watch> watch;
    if (total > 0) {
      // With a prefix nobody knows how much there will be.
      const uint64_t known = prefix.empty() ? total : 0;
      watch.emplace(context, store, [this, known] { return Progress{"dump", done_, known}; });
    }
    std::string text;
    writer.begin(text);
    for (int status = 0; (status = stave_iter_next(iter.get())) != STAVE_DONE;) {
      check(status);
      append_entry(context, writer, iter.get(), text);
      out.write(text);
      text.clear();
    }
    writer.end(text);
    out.write(text);
    out.flush();
  }

  void append_entry(const Context& context, const RowWriter& writer, stave_iter* iter,
                    std::string& text) {
    constexpr uint64_t kRecordHeader = 20;
    size_t length = 0;
    const void* bytes = stave_iter_key(iter, &length);
    const std::string_view key = view(bytes, length);
    if (key.size() > key_size_max_) warn_of_key(context, key);
    check(stave_iter_value(iter, &bytes, &length));
    const uint64_t expires_at_ms = stave_iter_expires_at(iter);
    writer.append(text, key, view(bytes, length), expires_at_ms);
    if (expires_at_ms != 0 && !writer.keeps_expiry()) ++expiry_lost_;
    ++records_;
    bytes_ += key.size() + length;
    done_ += key.size() + length + kRecordHeader;
  }

  // Once: mdb_load, which does not name the key, stops at the first.
  void warn_of_key(const Context& context, std::string_view key) {
    constexpr size_t kShown = 32;
    print_error(context, "warning: the key '" + std::string(key.substr(0, kShown)) + "...' has " +
                             counted(key.size(), "byte") + ", and LMDB takes " +
                             std::to_string(key_size_max_) + " at most: mdb_load stops there");
    key_size_max_ = SIZE_MAX;
  }

  FormatFlags flags_;
  bool print_ = false;
  std::string reader_;
  std::string prefix_;
  std::string file_;
  size_t key_size_max_ = SIZE_MAX;  // longer ones are told
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
  uint64_t expiry_lost_ = 0;
  std::atomic<uint64_t> done_{0};  // of the live bytes, for the progress bar alone
};

}  // namespace

std::unique_ptr<Command> make_dump() { return std::make_unique<DumpCommand>(); }

}  // namespace stave::cli
