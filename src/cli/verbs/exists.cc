// stave exists KEY
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class ExistsCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    Store store(context, Access::read);
    int exists = 0;
    check(stave_exists(store.get(), key.data(), key.size(), &exists));
    if (context.json) {
      context.out.write(exists != 0 ? "{\"exists\":true}\n" : "{\"exists\":false}\n");
    } else if (context.lent != nullptr) {
      context.out.write(exists != 0 ? "yes\n" : "no\n");
    }
    store.close();
    return exists != 0 ? Exit::ok : Exit::no;
  }

 private:
  std::string key_;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_exists() { return std::make_unique<ExistsCommand>(); }

}  // namespace stave::cli
