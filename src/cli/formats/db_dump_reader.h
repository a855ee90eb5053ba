// Reads what db_dump of Berkeley DB, mdb_dump of LMDB and `stave dump` write.
//
// One section per database: a header of NAME=VALUE lines up to HEADER=END, then for each record a
// line for the key and one for the value, each behind a blank, up to DATA=END.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/formats/db_dump_text.h"
#include "cli/formats/line_source.h"
#include "cli/formats/row_reader.h"

namespace stave::cli {

class DbDumpReader : public RowReader {
 public:
  struct Options {
    std::optional<std::string> database;  // read this one of several; "" is the one without a name
    bool last_duplicate = false;  // of several values of a key the last, instead of an error
  };

  DbDumpReader(LineSource& lines, Options options);

  bool next(Row& row) override;

 private:
  struct Header {
    DbDumpText text = DbDumpText::bytevalue;
    std::string database;
    std::string type = "btree";
    bool has_keys = false;
    bool has_duplicates = false;
  };

  // False at the end of the input. Passes over the databases that were not asked for.
  bool open_section();
  bool read_header();
  void read_header_line(std::string_view name, std::string_view value);
  void check_header() const;
  void pass_over_data();

  // A line of records without its blank; false at DATA=END. Throws BrokenInput for all else.
  bool next_data(std::string_view& data);
  bool next_line(std::string_view& line);

  LineSource& lines_;
  const Options options_;
  Header header_;
  bool in_data_ = false;
  bool skip_value_ = false;        // the key before it could not be read
  std::vector<std::string> seen_;  // names of databases, for an error
  bool opened_ = false;
  std::optional<std::string> previous_key_;
};

}  // namespace stave::cli
