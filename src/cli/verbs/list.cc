// stave list [--prefix P] [--limit N]
#include <CLI/CLI.hpp>
#include <charconv>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

std::string check_limit(const std::string& text) {
  uint64_t ignored = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, ignored);
  if (error == std::errc() && rest == end) return "";
  return "'" + text + "' is not a whole number from 0 to 2^64 - 1";
}

class ListCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_option("--prefix", prefix_, "Only keys that begin with P, in the encoding of keys")
        ->type_name("P");
    verb.add_option("--limit", limit_, "At most N entries")
        ->check(CLI::Validator(check_limit, ""))
        ->type_name("N");
    CLI::Option* keys = verb.add_flag("--keys-only", keys_only_, "Print no values, and read none");
    verb.add_flag("--values", values_, "Print keys and values, which is the default")
        ->excludes(keys);
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::escaped);
  }

  Exit run(Context& context) override {
    const Encodings encodings = encodings_.encodings();
    const std::string prefix = decode_argument("prefix", encodings.key, prefix_);
    Store store(context, Access::read);
    stave_iter* made = nullptr;
    check(stave_iter_create(store.get(), prefix.data(), prefix.size(), &made));
    IterHandle iter(made);
    for (uint64_t printed = 0; printed < limit_; ++printed) {
      int status = stave_iter_next(iter.get());
      if (status == STAVE_DONE) break;
      check(status);
      print(context, iter.get(), encodings);
    }
    iter.reset();
    store.close();
    return Exit::ok;
  }

 private:
  void print(Context& context, stave_iter* iter, Encodings encodings) {
    size_t length = 0;
    const void* bytes = stave_iter_key(iter, &length);
    const std::string_view key = view(bytes, length);
    std::optional<std::string_view> value;
    if (!keys_only_) {
      check(stave_iter_value(iter, &bytes, &length));
      value = view(bytes, length);
    }
    if (context.json) return context.out.write(json_row(key, value));
    line_.clear();
    append_encoded(line_, encodings.key, key);
    if (value) {
      line_ += '\t';
      append_encoded(line_, encodings.value, *value);
    }
    line_ += '\n';
    context.out.write(line_);
  }

  std::string prefix_;
  uint64_t limit_ = UINT64_MAX;
  bool keys_only_ = false;
  bool values_ = false;
  std::string line_;  // reused from row to row
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_list() { return std::make_unique<ListCommand>(); }

}  // namespace stave::cli
