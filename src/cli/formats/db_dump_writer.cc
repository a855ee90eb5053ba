#include "cli/formats/db_dump_writer.h"

namespace stave::cli {

// Half-full pages, values that need a page just for their last bytes, and keys in branch pages
// come to less than four times the records. Room that is not used costs nothing: the file is as
// long as its pages.
uint64_t lmdb_map_bytes(uint64_t live_bytes) {
  constexpr uint64_t kPages = 128U << 10;  // of the meta data and of transactions under way
  const uint64_t needed = live_bytes * 4 + kPages;
  return (needed + kLmdbMapDefault - 1) / kLmdbMapDefault * kLmdbMapDefault;
}

void DbDumpWriter::begin(std::string& out) const {
  out += "VERSION=3\nformat=";
  out += text_ == DbDumpText::print ? "print" : "bytevalue";
  out += "\ntype=btree\n";
  if (map_bytes_ > 0) out += "mapsize=" + std::to_string(map_bytes_) + "\n";
  out += "HEADER=END\n";
}

void DbDumpWriter::end(std::string& out) const { out += "DATA=END\n"; }

void DbDumpWriter::append(std::string& out, std::string_view key, std::string_view value,
                          uint64_t) const {
  out += ' ';
  append_db_dump(out, text_, key);
  out += "\n ";
  append_db_dump(out, text_, value);
  out += '\n';
}

}  // namespace stave::cli
