// The value of a verb that writes one: an argument, standard input or a file.
#pragma once

#include <string>

#include "cli/context.h"
#include "cli/encoding.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace stave::cli {

// A value argument: `text`, or what standard input holds if that is "-"; in a session "-" is a
// value like any other. Throws Failure.
std::string value_argument(const Context& context, const char* what, Encoding encoding,
                           const std::string& text);

// What a file holds, "-" for standard input. Throws Failure.
std::string value_of_file(const Context& context, Encoding encoding, const std::string& path);

// VALUE and --value-file.
class ValueFlags {
 public:
  void declare(CLI::App& verb, const std::string& name, const std::string& help);
  std::string take(const Context& context, Encoding encoding) const;

 private:
  std::string name_;
  std::string value_;
  std::string file_;
  CLI::Option* value_given_ = nullptr;
  CLI::Option* file_given_ = nullptr;
};

}  // namespace stave::cli
