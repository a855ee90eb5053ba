#include "cli/range_flags.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "cli/encoding_flags.h"

namespace stave::cli {
namespace {

// Empty if the text is a number, else what is wrong.
std::string check_limit(const std::string& text) {
  uint64_t ignored = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, ignored);
  if (error == std::errc() && rest == end) return "";
  return "'" + text + "' is not a whole number from 0 to 2^64 - 1";
}

}  // namespace

void RangeFlags::declare(CLI::App& verb) {
  verb.add_option("--from", from_, "Only keys from K on, in the encoding of keys")->type_name("K");
  verb.add_option("--to", to_, "Only keys below K, which itself is left out")->type_name("K");
  verb.add_option("--prefix", prefix_, "Only keys that begin with P, in the encoding of keys")
      ->type_name("P");
}

void RangeFlags::apply(Encoding encoding, stave_iter_options* options) {
  const auto decoded = [&](const char* what, std::string* text) -> stave_slice {
    *text = decode_argument(what, encoding, *text);
    return {text->data(), text->size()};
  };
  options->from = decoded("from", &from_);
  options->to = decoded("to", &to_);
  options->prefix = decoded("prefix", &prefix_);
}

void RowFlags::declare(CLI::App& verb) {
  verb.add_option("--limit", limit, "At most N entries")
      ->check(CLI::Validator(check_limit, ""))
      ->type_name("N");
  CLI::Option* names = verb.add_flag("--keys-only", keys_only, "Print no values, and read none");
  verb.add_flag("--values", values, "Print keys and values, which is the default")->excludes(names);
}

}  // namespace stave::cli
