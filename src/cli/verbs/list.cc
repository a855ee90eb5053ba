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
    row_flags_.declare(verb);
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
    RowPrinter(context, encodings).print_rest(iter.get(), row_flags_.limit, !row_flags_.keys_only);
    iter.reset();
    store.close();
    return Exit::ok;
  }

 private:
  std::string prefix_;
  RowFlags row_flags_;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_list() { return std::make_unique<ListCommand>(); }

}  // namespace stave::cli
