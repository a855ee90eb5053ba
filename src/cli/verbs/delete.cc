// stave delete KEY... | --range FROM TO | --prefix P
#include <CLI/CLI.hpp>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class DeleteCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    CLI::Option* keys = verb.add_option("KEY", keys_, "The keys");
    CLI::Option* range =
        verb.add_option("--range", range_,
                        "Every key from FROM on and before TO; an empty FROM or TO is no bound")
            ->type_name("FROM TO")
            ->expected(2)
            ->excludes(keys);
    verb.add_option("--prefix", prefix_, "Every key that begins with P")
        ->type_name("P")
        ->excludes(keys)
        ->excludes(range);
    verb.add_flag("--sync", sync_, "Return only when the deletions survive a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    if (!range_.empty() || prefix_) return delete_range(context);
    if (keys_.empty()) {
      throw Failure(Exit::usage, "name a KEY, or give --range FROM TO or --prefix P");
    }
    return delete_keys(context);
  }

 private:
  [[nodiscard]] std::string decoded(const char* what, const std::string& text) const {
    return decode_argument(what, encodings_.encodings().key, text);
  }

  Exit delete_keys(Context& context) {
    std::vector<std::string> keys;
    for (const std::string& text : keys_) keys.push_back(decoded("key", text));
    if (context.lent != nullptr && context.lent->batch != nullptr) {
      for (const std::string& key : keys) {
        check(stave_batch_delete(context.lent->batch, key.data(), key.size()));
      }
      return Exit::ok;
    }
    Store store(context, Access::write);
    size_t missing = 0;
    for (const std::string& key : keys) {
      int status = stave_delete(store.get(), key.data(), key.size(), 0);
      if (status == STAVE_NOT_FOUND) {
        ++missing;
        tell_missing(context, key);
      } else {
        check(status);
      }
    }
    if (sync_) check(stave_sync(store.get()));
    store.close();
    if (context.json) {
      context.out.write("{\"deleted\":" + std::to_string(keys.size() - missing) +
                        ",\"missing\":" + std::to_string(missing) + "}\n");
    }
    return missing == 0 ? Exit::ok : Exit::no;
  }

  // How many keys that were is not known: nobody has looked at them.
  Exit delete_range(Context& context) {
    const uint32_t flags = sync_ ? STAVE_WRITE_SYNC : 0;
    const std::string from = range_.empty() ? std::string() : decoded("FROM", range_[0]);
    const std::string to = range_.empty() ? std::string() : decoded("TO", range_[1]);
    const std::string prefix = decoded("prefix", prefix_.value_or(""));
    if (range_.empty() && prefix.empty()) {
      throw Failure(Exit::usage, "an empty prefix is every key: for that there is `stave clear`");
    }
    Store store(context, Access::write);
    if (range_.empty()) {
      check(stave_delete_prefix(store.get(), prefix.data(), prefix.size(), flags));
    } else {
      check(stave_delete_range(store.get(), from.data(), from.size(), to.data(), to.size(), flags));
    }
    store.close();
    return Exit::ok;
  }

  std::vector<std::string> keys_;
  std::vector<std::string> range_;
  std::optional<std::string> prefix_;
  bool sync_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_delete() { return std::make_unique<DeleteCommand>(); }

}  // namespace stave::cli
