#include "cli/encoding_flags.h"

#include <CLI/CLI.hpp>
#include <map>

#include "cli/failure.h"

namespace stave::cli {
namespace {

const std::map<std::string, Encoding>& encoding_names() {
  static const std::map<std::string, Encoding> names = {{"raw", Encoding::raw},
                                                        {"escaped", Encoding::escaped},
                                                        {"hex", Encoding::hex},
                                                        {"base64", Encoding::base64}};
  return names;
}

void add_flag(CLI::App& verb, const std::string& name, const std::string& help,
              std::optional<Encoding>& target) {
  auto set = [&target](const std::string& text) { target = encoding_names().at(text); };
  verb.add_option_function<std::string>(name, set, help)
      ->check(CLI::IsMember({"raw", "escaped", "hex", "base64"}).description(""))
      ->type_name("raw|escaped|hex|base64");
}

}  // namespace

void EncodingFlags::declare_with(CLI::App& verb, const std::vector<std::string>& words,
                                 std::string& word, const std::string& what) {
  auto set = [this, &word](const std::string& text) {
    const auto encoding = encoding_names().find(text);
    if (encoding == encoding_names().end()) {
      word = text;
    } else {
      both_ = encoding->second;
    }
  };
  std::vector<std::string> all = words;
  std::string shown;
  for (const auto& [name, encoding] : encoding_names()) all.push_back(name);
  for (const std::string& name : all) shown += (shown.empty() ? "" : "|") + name;
  verb.add_option_function<std::string>("-F,--format", set,
                                        what + ", or the encoding of keys and values")
      ->check(CLI::IsMember(all).description(""))
      ->type_name(shown);
  add_flag(verb, "--key-format", "Encoding of keys, over --format", key_);
  add_flag(verb, "--value-format", "Encoding of values, over --format", value_);
}

void EncodingFlags::declare(CLI::App& verb, Parts parts, Encoding fallback) {
  fallback_ = fallback;
  const std::string otherwise = fallback == Encoding::raw ? " (default raw)" : " (default escaped)";
  if (parts == Parts::key) {
    add_flag(verb, "-F,--format,--key-format", "Encoding of keys" + otherwise, key_);
    return;
  }
  add_flag(verb, "-F,--format", "Encoding of keys and values" + otherwise, both_);
  add_flag(verb, "--key-format", "Encoding of keys, over --format", key_);
  add_flag(verb, "--value-format", "Encoding of values, over --format", value_);
}

Encodings EncodingFlags::encodings(Encoding fallback) const {
  Encoding base = both_.value_or(fallback);
  return {key_.value_or(base), value_.value_or(base)};
}

Encoding prefix_encoding(const Context& context, const EncodingFlags& flags) {
  return flags.encodings(context.lent == nullptr ? Encoding::escaped : Encoding::raw).key;
}

std::string decode_argument(const char* what, Encoding encoding, const std::string& text) {
  try {
    return decode(encoding, text);
  } catch (const DecodeError& error) {
    throw Failure(Exit::usage, std::string(what) + " '" + text + "': " + error.what());
  }
}

}  // namespace stave::cli
