// --format, --key-format and --value-format, the same on every verb that has them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/rows.h"

namespace CLI {
class App;
}

namespace stave::cli {

class EncodingFlags {
 public:
  enum class Parts { key, key_and_value };

  // `fallback` is what the verb uses when no flag says otherwise.
  void declare(CLI::App& verb, Parts parts, Encoding fallback);

  // As declare for both parts, but --format takes one of `words` too, which goes into `word`.
  void declare_with(CLI::App& verb, const std::vector<std::string>& words, std::string& word,
                    const std::string& what);

  Encodings encodings() const { return encodings(fallback_); }
  Encodings encodings(Encoding fallback) const;

  // Whether a flag says how keys are written.
  bool say_keys() const { return both_ || key_; }
  bool say_values() const { return value_.has_value(); }  // of values alone

 private:
  Encoding fallback_ = Encoding::raw;
  std::optional<Encoding> both_;
  std::optional<Encoding> key_;
  std::optional<Encoding> value_;
};

// How a prefix is given that stands beside escaped output. In a session escapes are taken care of
// before the verb sees the words.
Encoding prefix_encoding(const Context& context, const EncodingFlags& flags);

// Decodes a key or value of the command line; Failure with Exit::usage if it is not of the
// encoding. `what` names it in the message.
std::string decode_argument(const char* what, Encoding encoding, const std::string& text);

}  // namespace stave::cli
