// The formats of files that hold keys and values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/formats/columns.h"
#include "cli/formats/db_dump_reader.h"
#include "cli/formats/row_reader.h"
#include "cli/formats/row_writer.h"

namespace stave::cli {

enum class FileFormat { dbdump, jsonl, csv, tsv };

// "dbdump", "jsonl", "csv" or "tsv".
std::optional<FileFormat> file_format_named(std::string_view name);

std::string_view name_of(FileFormat format);

// By the name's ending, else by the first line. TSV is what nothing else claims.
FileFormat detect_file_format(std::string_view path, std::string_view first_line);

// The encoding of keys and values that goes without saying: raw for CSV, which has quotes.
Encoding usual_encoding(FileFormat format);

struct ReadOptions {
  Encodings encodings;  // of CSV and TSV
  HeaderRow header = HeaderRow::automatic;
  bool expiry = false;  // a table without a header has the third column
  DbDumpReader::Options db_dump;
};

std::unique_ptr<RowReader> make_row_reader(FileFormat format, LineSource& lines,
                                           const ReadOptions& options);

struct WriteOptions {
  Encodings encodings;
  HeaderRow header = HeaderRow::automatic;
  bool expiry = false;  // of CSV and TSV: the third column
  DbDumpText text = DbDumpText::bytevalue;
  uint64_t lmdb_map_bytes = 0;
};

std::unique_ptr<RowWriter> make_row_writer(FileFormat format, const WriteOptions& options);

}  // namespace stave::cli
