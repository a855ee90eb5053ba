// stave list [--prefix P] [--limit N]
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/range_flags.h"
#include "cli/row_printer.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

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
    const std::string prefix =
        decode_argument("prefix", prefix_encoding(context, encodings_), prefix_);
    Store store(context, Access::read);
    stave_iter* made = nullptr;
    check(stave_iter_create(store.get(), prefix.data(), prefix.size(), &made));
    IterHandle iter(made);
    RowPrinter rows(context, encodings);
    for (uint64_t printed = 0; printed < limit_; ++printed) {
      int status = stave_iter_next(iter.get());
      if (status == STAVE_DONE) break;
      check(status);
      rows.print(iter.get(), !keys_only_);
    }
    iter.reset();
    store.close();
    return Exit::ok;
  }

 private:
  std::string prefix_;
  uint64_t limit_ = UINT64_MAX;
  bool keys_only_ = false;
  bool values_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_list() { return std::make_unique<ListCommand>(); }

}  // namespace stave::cli
