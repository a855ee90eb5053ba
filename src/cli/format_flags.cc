#include "cli/format_flags.h"

#include <CLI/CLI.hpp>

#include "cli/failure.h"

namespace stave::cli {
namespace {
const std::vector<std::string> kFileFormats = {"dbdump", "jsonl", "csv", "tsv"};
}

void FormatFlags::declare(CLI::App& verb, const std::string& flag, const std::string& help) {
  verb.add_option(flag, file_format_, help)
      ->check(CLI::IsMember(kFileFormats).description(""))
      ->type_name("dbdump|jsonl|csv|tsv");
  encodings_.declare_with(verb, kFileFormats, file_format_, "As " + flag);
  CLI::Option* present = verb.add_flag("--header", header_, "The table has a header row");
  verb.add_flag("--no-header", no_header_, "The table has none")->excludes(present);
  verb.add_flag("--expiry", expiry_,
                "The table has a third column, the Unix time in ms when a row expires");
}

Encodings FormatFlags::encodings(FileFormat format) const {
  return encodings_.encodings(usual_encoding(format));
}

void FormatFlags::check_for(FileFormat format, const std::string& what, bool key_is_used) const {
  if (format == FileFormat::csv || format == FileFormat::tsv) return;
  if (header() != HeaderRow::automatic || expiry_) {
    throw Failure(Exit::usage,
                  "--header, --no-header and --expiry belong to csv and tsv alone, "
                  "and " +
                      what);
  }
  if (encodings_.say_values() || (encodings_.say_keys() && !key_is_used)) {
    throw Failure(Exit::usage,
                  "an encoding (--format, --key-format, --value-format) belongs to csv and tsv "
                  "alone, and " +
                      what);
  }
}

// As in list, whatever the file's format.
Encoding FormatFlags::prefix_encoding(const Context& context) const {
  return cli::prefix_encoding(context, encodings_);
}

HeaderRow FormatFlags::header() const {
  if (header_) return HeaderRow::present;
  return no_header_ ? HeaderRow::absent : HeaderRow::automatic;
}

}  // namespace stave::cli
