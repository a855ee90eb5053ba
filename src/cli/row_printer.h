// Prints the entries of an iterator as rows: rows.h.
#pragma once

#include <stave/stave.h>

#include <string>

#include "cli/context.h"
#include "cli/rows.h"

namespace stave::cli {

class RowPrinter {
 public:
  RowPrinter(Context& context, Encodings encodings) : context_(context), encodings_(encodings) {}
  // The present entry. Throws Failure.
  void print(stave_iter* iter, bool with_value);
  // What is left of the iterator, `limit` entries at most. Throws Failure.
  void print_rest(stave_iter* iter, uint64_t limit, bool with_values);

 private:
  Context& context_;
  const Encodings encodings_;
  std::string line_;  // reused from row to row
};

}  // namespace stave::cli
