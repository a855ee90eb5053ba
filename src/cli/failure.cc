#include "cli/failure.h"

#include <stave/stave.h>

#include <cerrno>
#include <system_error>

#include "cli/encoding.h"

namespace stave::cli {

Failure status_failure(int status) {
  std::string text = stave_last_error();
  if (text.empty()) text = stave_status_text(status);
  return Failure(exit_for_status(status), text);
}

void check(int status) {
  if (status != STAVE_OK) throw status_failure(status);
}

Failure system_failure(const std::string& what, int error) {
  bool full = error == ENOSPC || error == EDQUOT;
  return Failure(full ? Exit::no_space : Exit::io,
                 what + ": " + std::generic_category().message(error));
}

std::string one_line(const std::string& text) {
  std::string out;
  append_printable(out, text);
  return out;
}

}  // namespace stave::cli
