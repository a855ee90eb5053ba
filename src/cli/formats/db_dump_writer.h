// Writes what db_load of Berkeley DB and mdb_load of LMDB read.
#pragma once

#include <cstdint>

#include "cli/formats/db_dump_text.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

class DbDumpWriter : public RowWriter {
 public:
  // The largest store that mdb_load takes is `map_bytes`; 0 leaves the line out, since db_load
  // refuses it and mdb_load has a default.
  DbDumpWriter(DbDumpText text, uint64_t map_bytes) : text_(text), map_bytes_(map_bytes) {}

  void begin(std::string& out) const override;
  void end(std::string& out) const override;
  void append(std::string& out, std::string_view key, std::string_view value,
              uint64_t expires_at_ms) const override;
  bool keeps_expiry() const override { return false; }

 private:
  DbDumpText text_;
  uint64_t map_bytes_;
};

// What mdb_load takes without a line in the header.
inline constexpr uint64_t kLmdbMapDefault = 1U << 20;

// A map in which LMDB surely has room for records of so many bytes in our files.
uint64_t lmdb_map_bytes(uint64_t live_bytes);

}  // namespace stave::cli
