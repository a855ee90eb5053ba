// stave delete KEY...
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class DeleteCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", keys_, "The keys")->required();
    verb.add_flag("--sync", sync_, "Return only when the deletions survive a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    std::vector<std::string> keys;
    for (const std::string& text : keys_) {
      keys.push_back(decode_argument("key", encodings_.encodings().key, text));
    }
    Store store(context, Access::write);
    size_t missing = 0;
    for (const std::string& key : keys) {
      int status = stave_delete(store.get(), key.data(), key.size(), 0);
      if (status == STAVE_NOT_FOUND) {
        ++missing;
        if (!context.quiet) print_error(context, "no such key: " + key);
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

 private:
  std::vector<std::string> keys_;
  bool sync_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_delete() { return std::make_unique<DeleteCommand>(); }

}  // namespace stave::cli
