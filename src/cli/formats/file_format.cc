#include "cli/formats/file_format.h"

#include <array>

#include "cli/formats/csv.h"
#include "cli/formats/db_dump_writer.h"
#include "cli/formats/json_lines.h"
#include "cli/formats/tsv.h"

namespace stave::cli {
namespace {

struct Ending {
  std::string_view text;
  FileFormat format;
};

constexpr std::array<Ending, 5> kEndings{{{".jsonl", FileFormat::jsonl},
                                          {".ndjson", FileFormat::jsonl},
                                          {".json", FileFormat::jsonl},
                                          {".csv", FileFormat::csv},
                                          {".tsv", FileFormat::tsv}}};

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_csv_header(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string> cells;
  for (size_t comma = 0; (comma = line.find(',')) != std::string_view::npos;) {
    cells.emplace_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  cells.emplace_back(line);
  return parse_header(cells, {Encoding::raw, Encoding::raw}).has_value();
}

}  // namespace

std::optional<FileFormat> file_format_named(std::string_view name) {
  if (name == "dbdump") return FileFormat::dbdump;
  if (name == "jsonl") return FileFormat::jsonl;
  if (name == "csv") return FileFormat::csv;
  if (name == "tsv") return FileFormat::tsv;
  return std::nullopt;
}

std::string_view name_of(FileFormat format) {
  constexpr std::array<std::string_view, 4> kNames = {"dbdump", "jsonl", "csv", "tsv"};
  return kNames[static_cast<size_t>(format)];
}

FileFormat detect_file_format(std::string_view path, std::string_view first_line) {
  for (const Ending& ending : kEndings) {
    if (path.ends_with(ending.text)) return ending.format;
  }
  // A row of TSV has a TAB, and no first line of another format needs one.
  if (first_line.find('\t') != std::string_view::npos) return FileFormat::tsv;
  if (first_line.starts_with(kByteOrderMark)) first_line.remove_prefix(kByteOrderMark.size());
  if (first_line.starts_with("VERSION=")) return FileFormat::dbdump;
  if (first_line.starts_with('{')) return FileFormat::jsonl;
  return is_csv_header(first_line) ? FileFormat::csv : FileFormat::tsv;
}

Encoding usual_encoding(FileFormat format) {
  return format == FileFormat::csv ? Encoding::raw : Encoding::escaped;
}

std::unique_ptr<RowReader> make_row_reader(FileFormat format, LineSource& lines,
                                           const ReadOptions& options) {
  const Columns columns = plain_columns(options.encodings, options.expiry);
  switch (format) {
    case FileFormat::dbdump:
      return std::make_unique<DbDumpReader>(lines, options.db_dump);
    case FileFormat::jsonl:
      return std::make_unique<JsonLinesReader>(lines);
    case FileFormat::csv:
      return std::make_unique<CsvReader>(lines, columns, options.header);
    case FileFormat::tsv:
      break;
  }
  return std::make_unique<TsvReader>(lines, columns, options.header);
}

std::unique_ptr<RowWriter> make_row_writer(FileFormat format, const WriteOptions& options) {
  switch (format) {
    case FileFormat::dbdump:
      return std::make_unique<DbDumpWriter>(options.text, options.lmdb_map_bytes);
    case FileFormat::jsonl:
      return std::make_unique<JsonLinesWriter>();
    case FileFormat::csv:
      return std::make_unique<CsvWriter>(options.encodings, options.header, options.expiry);
    case FileFormat::tsv:
      break;
  }
  return std::make_unique<TsvWriter>(options.encodings, options.header, options.expiry);
}

}  // namespace stave::cli
