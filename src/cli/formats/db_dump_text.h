// Bytes as text in a dump of Berkeley DB or LMDB.
//
//   bytevalue  two hex digits per byte
//   print      printable ASCII as it is, all else as \hh; a backslash may also be doubled
#pragma once

#include <string>
#include <string_view>

namespace stave::cli {

enum class DbDumpText { bytevalue, print };

void append_db_dump(std::string& out, DbDumpText text, std::string_view bytes);

// Replaces `out`. Throws DecodeError, which names the column; `first_column` is that of line[0].
void decode_db_dump(std::string& out, DbDumpText text, std::string_view line, size_t first_column);

}  // namespace stave::cli
