// stave put KEY [VALUE | - | --value-file FILE]
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/line_reader.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class PutCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("KEY", key_, "The key")->required();
    value_given_ = verb.add_option("VALUE", value_, "The value; - reads standard input");
    file_given_ = verb.add_option("--value-file", file_, "Read the value from FILE, - for stdin")
                      ->type_name("FILE")
                      ->excludes(value_given_);
    verb.add_flag("--sync", sync_, "Return only when the value survives a power cut");
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::raw);
  }

  Exit run(Context& context) override {
    const std::string key = decode_argument("key", encodings_.encodings().key, key_);
    const std::string value = take_value(context);
    if (context.lent != nullptr && context.lent->batch != nullptr) {
      check(
          stave_batch_put(context.lent->batch, key.data(), key.size(), value.data(), value.size()));
      return Exit::ok;
    }
    Store store(context, Access::create);
    check(stave_put(store.get(), key.data(), key.size(), value.data(), value.size(),
                    sync_ ? STAVE_WRITE_SYNC : 0));
    store.close();
    return Exit::ok;
  }

 private:
  std::string take_value(const Context& context) const {
    const Encoding encoding = encodings_.encodings().value;
    // In a session "-" is a value like any other.
    if (value_given_->count() > 0 && (value_ != "-" || context.lent != nullptr)) {
      return decode_argument("value", encoding, value_);
    }
    if (value_given_->count() == 0 && file_given_->count() == 0) {
      throw Failure(Exit::usage, "no value: give VALUE, - for standard input, or --value-file");
    }
    const std::string path = file_given_->count() > 0 ? file_ : "-";
    check_input_is_free(context, path);
    const std::string text = read_whole(path);
    try {
      return decode(encoding, text);
    } catch (const DecodeError& error) {
      throw Failure(Exit::bad_input, std::string("the value read is ") + error.what());
    }
  }

  std::string key_;
  std::string value_;
  std::string file_;
  CLI::Option* value_given_ = nullptr;
  CLI::Option* file_given_ = nullptr;
  bool sync_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_put() { return std::make_unique<PutCommand>(); }

}  // namespace stave::cli
