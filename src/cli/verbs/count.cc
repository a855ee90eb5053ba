// stave count [--from K] [--to K] [--prefix P]
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/range_flags.h"
#include "cli/store.h"

namespace stave::cli {
namespace {

class CountCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    range_.declare(verb);
    encodings_.declare(verb, EncodingFlags::Parts::key, Encoding::raw);
  }

  Exit run(Context& context) override {
    stave_iter_options options{};
    options.size = sizeof options;
    options.flags = STAVE_ITER_KEYS_ONLY;
    range_.apply(encodings_.encodings().key, &options);
    Store store(context, Access::read);
    stave_iter* made = nullptr;
    check(stave_iter_open(store.get(), &options, &made));
    IterHandle iter(made);
    uint64_t keys = 0;
    int status = stave_iter_next(iter.get());
    for (; status == STAVE_OK; status = stave_iter_next(iter.get())) ++keys;
    if (status != STAVE_DONE) check(status);
    const std::string number = std::to_string(keys);
    context.out.write(context.json ? "{\"keys\":" + number + "}\n" : number + '\n');
    iter.reset();
    store.close();
    return Exit::ok;
  }

 private:
  RangeFlags range_;
  EncodingFlags encodings_;
};

}  // namespace

std::unique_ptr<Command> make_count() { return std::make_unique<CountCommand>(); }

}  // namespace stave::cli
