// A test's string as the lines of an input.
#ifndef STAVE_TESTS_CLI_STRING_LINES_H
#define STAVE_TESTS_CLI_STRING_LINES_H

#include <string>
#include <utility>
#include <vector>

#include "cli/formats/line_source.h"
#include "cli/formats/row_reader.h"

namespace stave::cli {

class StringLines : public LineSource {
 public:
  explicit StringLines(std::string text) : text_(std::move(text)) {}

  bool next(std::string_view& line) override {
    if (at_ >= text_.size()) return false;
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    line = std::string_view(text_).substr(at_, end - at_);
    at_ = end + 1;
    ++number_;
    return true;
  }
  uint64_t number() const override { return number_; }

 private:
  std::string text_;
  size_t at_ = 0;
  uint64_t number_ = 0;
};

// All that a reader makes of its input: rows as "key=value" or "key=value@expiry", errors as
// "!LINE: text".
inline std::vector<std::string> read_all(RowReader& reader, const StringLines& lines) {
  std::vector<std::string> out;
  Row row;
  for (bool more = true; more;) {
    try {
      more = reader.next(row);
      if (!more) continue;
      out.push_back(row.key + "=" + row.value);
      if (row.expires_at_ms) out.back().append("@").append(std::to_string(*row.expires_at_ms));
    } catch (const BrokenInput& error) {
      out.push_back("!!" + std::to_string(lines.number()) + ": " + error.what());
      return out;
    } catch (const DecodeError& error) {
      out.push_back("!" + std::to_string(lines.number()) + ": " + error.what());
    }
  }
  return out;
}

}  // namespace stave::cli

#endif
