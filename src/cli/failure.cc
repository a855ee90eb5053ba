#include "cli/failure.h"

#include <stave/stave.h>

#include <cerrno>
#include <system_error>

#include "cli/encoding.h"

namespace stave::cli {

namespace {

// What to do, where the library, which knows no commands, has not said it.
const char* advice(int status, const std::string& text) {
  if (status == STAVE_CORRUPT && text.find("stave repair") == std::string::npos) {
    return "; 'stave verify' tells all that is damaged, 'stave repair' saves what can be read";
  }
  if (status == STAVE_NO_SPACE && text.find("merge") == std::string::npos) {
    return "; make room on that disk, or delete keys and run 'stave merge'";
  }
  return "";
}

}  // namespace

Failure status_failure(int status) {
  std::string text = stave_last_error();
  if (text.empty()) text = stave_status_text(status);
  return Failure(exit_for_status(status), text + advice(status, text));
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
