// The flags of dump and load that say what a file looks like.
#pragma once

#include <optional>
#include <string>

#include "cli/encoding_flags.h"
#include "cli/formats/file_format.h"

namespace CLI {
class App;
}

namespace stave::cli {

class FormatFlags {
 public:
  // `flag` names the format of the file, as --format does.
  void declare(CLI::App& verb, const std::string& flag, const std::string& help);

  std::optional<FileFormat> file_format() const { return file_format_named(file_format_); }
  Encodings encodings(FileFormat format) const;

  // Throws Failure, which names `what`, if there is a flag that only a table has use for and the
  // format is none. `key_is_used`: the encoding of keys is used elsewhere, for a prefix.
  void check_for(FileFormat format, const std::string& what, bool key_is_used = false) const;

  Encoding prefix_encoding(const Context& context) const;
  HeaderRow header() const;
  bool expiry() const { return expiry_; }

 private:
  std::string file_format_;
  EncodingFlags encodings_;
  bool header_ = false;
  bool no_header_ = false;
  bool expiry_ = false;
};

}  // namespace stave::cli
