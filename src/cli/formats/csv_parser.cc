#include "cli/formats/csv_parser.h"

#include <new>

#include "cli/formats/row_reader.h"

namespace stave::cli {
namespace {

constexpr size_t kBlock = 64U << 10;  // by which a cell's buffer grows

// Blanks belong to a cell; libcsv would cut them off.
int is_no_space(unsigned char /*byte*/) { return 0; }

}  // namespace

CsvParser::CsvParser(LineSource& lines) : lines_(lines) { restart(); }

CsvParser::~CsvParser() { csv_free(&parser_); }

void CsvParser::restart() {
  csv_free(&parser_);
  csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
  csv_set_space_func(&parser_, is_no_space);
  csv_set_blk_size(&parser_, kBlock);
  cells_.clear();
  records_ = 0;
}

// Nothing may be thrown through the library's frames.
void CsvParser::on_cell(void* bytes, size_t length, void* self) noexcept {
  auto& parser = *static_cast<CsvParser*>(self);
  if (parser.records_ > 0 || parser.out_of_memory_) return;  // will be refused
  try {
    parser.cells_.emplace_back(static_cast<const char*>(bytes), length);
  } catch (const std::bad_alloc&) {
    parser.out_of_memory_ = true;
  }
}

void CsvParser::on_record(int /*terminator*/, void* self) noexcept {
  ++static_cast<CsvParser*>(self)->records_;
}

void CsvParser::feed(std::string_view bytes) {
  const size_t taken = csv_parse(&parser_, bytes.data(), bytes.size(), on_cell, on_record, this);
  if (out_of_memory_ || csv_error(&parser_) == CSV_ENOMEM) throw std::bad_alloc();
  if (taken == bytes.size()) return;
  restart();
  throw DecodeError("column " + std::to_string(taken + 1) +
                    ": a quote in the wrong place (a cell that holds one is quoted as a whole, "
                    "and the quote inside is doubled)");
}

const std::vector<std::string>* CsvParser::next() {
  cells_.clear();
  records_ = 0;
  uint64_t first_line = 0;
  std::string_view line;
  while (lines_.next(line)) {
    if (first_line == 0 && (line.empty() || line == "\r")) continue;
    if (first_line == 0) first_line = lines_.number();
    feed(line);
    feed("\n");
    if (records_ > 1) {
      restart();
      throw DecodeError("a CR in the middle of the line (quote the cell that holds it)");
    }
    if (records_ == 1) return &cells_;
  }
  if (first_line == 0) return nullptr;
  throw BrokenInput("the input ends inside quotes, in a row that began in line " +
                    std::to_string(first_line));
}

}  // namespace stave::cli
