// stave scan [--from K] [--to K] [--prefix P] [--reverse] [--limit N]
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/range_flags.h"
#include "cli/row_printer.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class ScanCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    range_.declare(verb);
    verb.add_flag("--reverse", reverse_, "From the greatest key down");
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
    stave_iter_options options{};
    options.size = sizeof options;
    options.flags = (reverse_ ? STAVE_ITER_REVERSE : 0) | (keys_only_ ? STAVE_ITER_KEYS_ONLY : 0);
    range_.apply(prefix_encoding(context, encodings_), &options);
    options.limit = limit_;  // 0 entries are none, not all
    Store store(context, Access::read);
    stave_iter* made = nullptr;
    check(stave_iter_open(store.get(), &options, &made));
    IterHandle iter(made);
    RowPrinter rows(context, encodings);
    while (limit_ != 0) {
      const int status = stave_iter_next(iter.get());
      if (status == STAVE_DONE) break;
      check(status);
      rows.print(iter.get(), !keys_only_);
    }
    iter.reset();
    store.close();
    return Exit::ok;
  }

 private:
  RangeFlags range_;
  bool reverse_ = false;
  uint64_t limit_ = UINT64_MAX;
  bool keys_only_ = false;
  bool values_ = false;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_scan() { return std::make_unique<ScanCommand>(); }

}  // namespace stave::cli
