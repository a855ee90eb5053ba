// Reads the rows of one input, whatever its format.
#pragma once

#include "cli/rows.h"

namespace stave::cli {

// The rest of the input cannot be read: it has lost its structure, or ends too early.
class BrokenInput : public DecodeError {
 public:
  using DecodeError::DecodeError;
};

class RowReader {
 public:
  RowReader() = default;
  virtual ~RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // False at the end. Throws DecodeError for a row that cannot be read, in the line which the
  // line source returned last; the next call goes on behind that row, except after BrokenInput.
  virtual bool next(Row& row) = 0;
};

}  // namespace stave::cli
