#include "cli/formats/db_dump_reader.h"

#include <algorithm>
#include <utility>

namespace stave::cli {
namespace {

constexpr char kEarlyEnd[] =
    "the dump ends too early, without DATA=END: what wrote it did not finish; dump again";

std::string quoted(const std::string& name) {
  return name.empty() ? "one without a name" : "'" + name + "'";
}

bool is_set(std::string_view value) { return value != "0"; }

}  // namespace

DbDumpReader::DbDumpReader(LineSource& lines, Options options)
    : lines_(lines), options_(std::move(options)) {}

bool DbDumpReader::next_line(std::string_view& line) {
  if (!lines_.next(line)) return false;
  if (line.ends_with('\r')) line.remove_suffix(1);  // no dump holds one of its own
  return true;
}

bool DbDumpReader::next_data(std::string_view& data) {
  if (!next_line(data)) throw BrokenInput(kEarlyEnd);
  if (data == "DATA=END") return false;
  if (!data.starts_with(' ')) {
    throw BrokenInput("neither DATA=END nor a key or value, which begin with a blank");
  }
  data.remove_prefix(1);
  return true;
}

void DbDumpReader::read_header_line(std::string_view name, std::string_view value) {
  if (name == "VERSION" && value != "1" && value != "2" && value != "3") {
    throw BrokenInput("version " + std::string(value) + " of the format; known are 1 to 3");
  }
  if (name == "format") {
    if (value != "print" && value != "bytevalue") {
      throw BrokenInput("format '" + std::string(value) + "'; known are bytevalue and print");
    }
    header_.text = value == "print" ? DbDumpText::print : DbDumpText::bytevalue;
  } else if (name == "database" || name == "subdatabase") {
    header_.database = value;
  } else if (name == "type") {
    header_.type = value;
  } else if (name == "keys") {
    header_.has_keys = is_set(value);
  } else if (name == "duplicates" || name == "dupsort") {
    header_.has_duplicates = header_.has_duplicates || is_set(value);
  }
  // All others say how the other store is built.
}

bool DbDumpReader::read_header() {
  std::string_view line;
  do {
    if (!next_line(line)) return false;
  } while (line.empty());
  header_ = {};
  previous_key_.reset();
  if (!line.starts_with("VERSION=")) {
    throw BrokenInput("a dump begins with VERSION=3, and so does each of its databases");
  }
  while (line != "HEADER=END") {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      throw BrokenInput("not a line of a dump's header, which are NAME=VALUE up to HEADER=END");
    }
    read_header_line(line.substr(0, equals), line.substr(equals + 1));
    if (!next_line(line)) throw BrokenInput(kEarlyEnd);
  }
  return true;
}

void DbDumpReader::check_header() const {
  if (header_.type == "btree" || header_.type == "hash" || header_.has_keys) return;
  throw BrokenInput("the database is of type " + header_.type +
                    ", and its dump holds no keys: dump it with db_dump -k");
}

void DbDumpReader::pass_over_data() {
  std::string_view ignored;
  while (next_data(ignored)) {
  }
}

bool DbDumpReader::open_section() {
  while (read_header()) {
    seen_.push_back(header_.database);
    if (options_.database && *options_.database != header_.database) {
      pass_over_data();
      continue;
    }
    if (opened_) {
      throw BrokenInput("a second database begins, " + quoted(header_.database) + " after " +
                        quoted(seen_[seen_.size() - 2]) + ": load one, by --database NAME");
    }
    check_header();
    opened_ = true;
    return true;
  }
  if (!opened_ && options_.database) {
    std::string names;
    for (const std::string& name : seen_) names += (names.empty() ? "" : ", ") + quoted(name);
    throw BrokenInput("the dump holds no database " + quoted(*options_.database) +
                      "; it holds: " + (names.empty() ? "none" : names));
  }
  return false;
}

bool DbDumpReader::next(Row& row) {
  std::string_view line;
  for (;;) {
    if (!in_data_ && !open_section()) return false;
    in_data_ = true;
    if (std::exchange(skip_value_, false) && !next_data(line)) {
      in_data_ = false;
      continue;
    }
    if (next_data(line)) break;
    in_data_ = false;
  }
  skip_value_ = true;
  decode_db_dump(row.key, header_.text, line, 2);
  skip_value_ = false;
  if (!next_data(line)) throw BrokenInput("a key without a value before DATA=END");
  decode_db_dump(row.value, header_.text, line, 2);
  if (header_.has_duplicates && !options_.last_duplicate) {
    if (previous_key_ == row.key) {
      throw DecodeError(
          "another value of the key before it, and a store holds one per key "
          "(--last-duplicate takes the last)");
    }
    previous_key_ = row.key;
  }
  return true;
}

}  // namespace stave::cli
