// stave import bitcask DIR: takes over the data files of Riak's Bitcask.
//
// The records are applied in the order in which Bitcask itself reads them when it opens, by file
// number and offset, so the last one of a key wins there and here, and no memory is needed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/formats/bitcask_file.h"
#include "cli/human.h"
#include "cli/loader.h"
#include "cli/times.h"
#include "cli/watch.h"

namespace stave::cli {
namespace {

class ImportCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KIND", kind_, "What to import: bitcask")
        ->required()
        ->check(CLI::IsMember({"bitcask"}).description(""))
        ->type_name("bitcask");
    verb.add_option("SOURCE", source_, "Its directory, which holds the *.bitcask.data")->required();
    expire_after_ = verb.add_option("--expire-after", age_,
                                    "Leave out what was written longer ago: a duration, or seconds")
                        ->type_name("DURATION");
    keep_expiry_ =
        verb.add_option("--expiry", age_, "As --expire-after, and the others expire at that age")
            ->type_name("DURATION")
            ->excludes(expire_after_);
    verb.add_flag("--skip-damaged", skip_damaged_, "Report damaged records, and go on");
    verb.add_option("--batch", settings_.batch_records, "Records per batch, each all or nothing")
        ->check(CLI::Range(1, 1 << 20).description("1..1048576"))
        ->capture_default_str()
        ->type_name("N");
    verb.add_flag("--sync", settings_.sync, "Make each batch survive a power cut");
  }

  Exit run(Context& context) override {
    if (expire_after_->count() + keep_expiry_->count() > 0) expire_seconds_ = age();
    const std::vector<std::string> paths = bitcask_files(source_);
    uint64_t total = 0;
    for (const std::string& path : paths) total += BitcaskFile(path).size();
    if (expire_after_->count() + keep_expiry_->count() > 0) {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
      const auto present = static_cast<uint64_t>(std::max<int64_t>(seconds, 0));
      oldest_ = present > expire_seconds_ ? present - expire_seconds_ : 0;
    }
    Store store(context, Access::create);
    Loader loader(context, store, settings_);
    try {
      import_all(context, store, loader, paths, total);
    } catch (const Failure&) {
      print_note(context, "imported before the error: " + counted(loader.records(), "record"));
      throw;
    }
    const uint64_t keys = store.stats().keys;
    store.close();
    summarize(context, paths.size(), keys);
    return Exit::ok;
  }

 private:
  // Bitcask counts seconds, and says them bare.
  uint64_t age() const {
    const bool bare = !age_.empty() && age_.find_first_not_of("0123456789") == std::string::npos;
    const char* flag = keep_expiry_->count() > 0 ? "--expiry" : "--expire-after";
    const uint64_t ms = duration_argument(flag, bare ? age_ + "s" : age_);
    if (ms % 1000 == 0 && ms >= 1000 && ms / 1000 <= UINT32_MAX) return ms / 1000;
    throw Failure(Exit::usage, std::string(flag) + " '" + age_ +
                                   "' is not within 1 to 4294967295 whole seconds");
  }

  void import_all(Context& context, Store& store, Loader& loader,
                  const std::vector<std::string>& paths, uint64_t total) {
    Watch watch(context, store, [this, total] { return Progress{"import", read_, total}; });
    for (const std::string& path : paths) import_file(context, loader, path, path == paths.back());
    loader.flush();
  }

  void import_file(Context& context, Loader& loader, const std::string& path, bool is_last) {
    BitcaskFile file(path);
    const uint64_t before = read_;
    BitcaskRecord record;
    for (bool more = true; more;) {
      try {
        more = file.next(record);
        if (more) apply(loader, record);
      } catch (const BitcaskDamage& damage) {
        const std::string text = path + ": byte " + std::to_string(damage.offset()) + ": " +
                                 damage.what() + " (" + counted(damage.length(), "byte") + ")";
        if (damage.torn() && is_last) {
          torn_bytes_ += damage.length();
          print_error(context, text + "; the last write was cut off, and is left out");
        } else {
          leave_out(context, loader, text, damage.torn());
        }
      } catch (const DecodeError& error) {
        leave_out(context, loader,
                  path + ": byte " + std::to_string(record.offset) + ": " + error.what(), false);
      }
      read_ = before + file.offset();
    }
  }

  void apply(Loader& loader, const BitcaskRecord& record) {
    if (record.is_tombstone()) {
      loader.remove(record.key);
      ++tombstones_;
    } else if (record.tstamp < oldest_) {
      loader.remove(record.key);  // an older record of the key must not come back
      ++expired_;
    } else {
      loader.put(record.key, record.value, expiry_of(record));
      ++puts_;
    }
  }

  // Without the flag nothing is said of it, and the store's default decides.
  std::optional<uint64_t> expiry_of(const BitcaskRecord& record) const {
    if (keep_expiry_->count() == 0) return std::nullopt;
    return (record.tstamp + expire_seconds_) * 1000;
  }

  void leave_out(Context& context, Loader& loader, const std::string& text, bool torn) {
    if (!skip_damaged_) {
      loader.flush();
      throw Failure(Exit::bad_input,
                    text + (torn ? "; a crash of Riak can leave such an end" : "") +
                        " (what stands before it is imported; --skip-damaged leaves it out)");
    }
    ++damaged_;
    print_error(context, text);
  }

  void summarize(Context& context, size_t files, uint64_t keys) const {
    if (context.json) {
      nlohmann::ordered_json summary = {
          {"files", files},      {"puts", puts_},       {"deletes", tombstones_},
          {"expired", expired_}, {"damaged", damaged_}, {"torn_bytes", torn_bytes_},
          {"keys", keys}};
      return context.out.write(summary.dump() + "\n");
    }
    std::string text = counted(files, "file") + ": " + counted(puts_, "put") + ", " +
                       counted(tombstones_, "delete");
    if (expired_ > 0) text += ", " + human_count(expired_) + " expired";
    if (damaged_ > 0) text += ", left out " + counted(damaged_, "damaged place");
    print_note(context, text + "; the store holds " + counted(keys, "key"));
  }

  std::string kind_;
  std::string source_;
  CLI::Option* expire_after_ = nullptr;
  CLI::Option* keep_expiry_ = nullptr;
  std::string age_;
  uint64_t expire_seconds_ = 0;
  uint64_t oldest_ = 0;  // what is older has expired
  bool skip_damaged_ = false;
  Loader::Settings settings_;
  std::atomic<uint64_t> read_{0};  // bytes, for the progress bar alone
  uint64_t puts_ = 0;
  uint64_t tombstones_ = 0;
  uint64_t expired_ = 0;
  uint64_t damaged_ = 0;
  uint64_t torn_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_import() { return std::make_unique<ImportCommand>(); }

}  // namespace stave::cli
