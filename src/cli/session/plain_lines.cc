#include "cli/session/plain_lines.h"

namespace stave::cli {

LineInput::Got PlainLines::next(const std::string& prompt, std::string& line) {
  if (prompts_ != nullptr) {
    prompts_->write(prompt);
    prompts_->flush();
  }
  std::string_view read;
  if (!reader_.next(read)) return Got::end;
  line = read;
  return Got::line;
}

}  // namespace stave::cli
