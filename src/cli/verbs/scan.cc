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
    row_flags_.declare(verb);
    encodings_.declare(verb, EncodingFlags::Parts::key_and_value, Encoding::escaped);
  }

  Exit run(Context& context) override {
    const Encodings encodings = encodings_.encodings();
    stave_iter_options options{};
    options.size = sizeof options;
    options.flags =
        (reverse_ ? STAVE_ITER_REVERSE : 0) | (row_flags_.keys_only ? STAVE_ITER_KEYS_ONLY : 0);
    range_.apply(prefix_encoding(context, encodings_), &options);
    options.limit = row_flags_.limit;  // 0 entries are none, not all
    Store store(context, Access::read);
    stave_iter* made = nullptr;
    check(stave_iter_open(store.get(), &options, &made));
    IterHandle iter(made);
    RowPrinter(context, encodings).print_rest(iter.get(), row_flags_.limit, !row_flags_.keys_only);
    iter.reset();
    store.close();
    return Exit::ok;
  }

 private:
  RangeFlags range_;
  bool reverse_ = false;
  RowFlags row_flags_;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_scan() { return std::make_unique<ScanCommand>(); }

}  // namespace stave::cli
