#include "cli/value_flags.h"

#include <CLI/CLI.hpp>

#include "cli/encoding_flags.h"
#include "cli/failure.h"
#include "cli/line_reader.h"

namespace stave::cli {

std::string value_argument(const Context& context, const char* what, Encoding encoding,
                           const std::string& text) {
  if (text == "-" && context.lent == nullptr) return value_of_file(context, encoding, text);
  return decode_argument(what, encoding, text);
}

std::string value_of_file(const Context& context, Encoding encoding, const std::string& path) {
  check_input_is_free(context, path);
  const std::string text = read_whole(path);
  try {
    return decode(encoding, text);
  } catch (const DecodeError& error) {
    throw Failure(Exit::bad_input, std::string("the value read is ") + error.what());
  }
}

void ValueFlags::declare(CLI::App& verb, const std::string& name, const std::string& help) {
  name_ = name;
  value_given_ = verb.add_option(name, value_, help + "; - reads standard input");
  file_given_ = verb.add_option("--value-file", file_, "Read it from FILE, - for stdin")
                    ->type_name("FILE")
                    ->excludes(value_given_);
}

std::string ValueFlags::take(const Context& context, Encoding encoding) const {
  if (file_given_->count() > 0) return value_of_file(context, encoding, file_);
  if (value_given_->count() > 0) return value_argument(context, "value", encoding, value_);
  throw Failure(Exit::usage, "no value: give " + name_ + ", - for standard input, or --value-file");
}

}  // namespace stave::cli
