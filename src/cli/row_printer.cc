#include "cli/row_printer.h"

#include "cli/failure.h"
#include "cli/store.h"

namespace stave::cli {

void RowPrinter::print(stave_iter* iter, bool with_value) {
  size_t length = 0;
  const void* bytes = stave_iter_key(iter, &length);
  const std::string_view key = view(bytes, length);
  std::optional<std::string_view> value;
  if (with_value) {
    check(stave_iter_value(iter, &bytes, &length));
    value = view(bytes, length);
  }
  if (context_.json) {
    const uint64_t expires_at_ms = with_value ? stave_iter_expires_at(iter) : 0;
    return context_.out.write(json_row(key, value, expires_at_ms));
  }
  line_.clear();
  append_encoded(line_, encodings_.key, key);
  if (value) {
    line_ += '\t';
    append_encoded(line_, encodings_.value, *value);
  }
  line_ += '\n';
  context_.out.write(line_);
}

void RowPrinter::print_rest(stave_iter* iter, uint64_t limit, bool with_values) {
  for (uint64_t printed = 0; printed < limit; ++printed) {
    const int status = stave_iter_next(iter);
    if (status == STAVE_DONE) break;
    check(status);
    print(iter, with_values);
  }
}

}  // namespace stave::cli
