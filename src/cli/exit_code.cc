#include "cli/exit_code.h"

#include <stave/stave.h>

namespace stave::cli {

Exit exit_for_status(int status) {
  switch (status) {
    case STAVE_OK:
    case STAVE_DONE:
      return Exit::ok;
    case STAVE_NOT_FOUND:
      return Exit::no;
    case STAVE_CONFLICT:
      return Exit::conflict;
    case STAVE_BUSY:
      return Exit::busy;
    case STAVE_CORRUPT:
      return Exit::corrupt;
    case STAVE_UNSUPPORTED:
      return Exit::unsupported;
    case STAVE_NO_SPACE:
    case STAVE_STORE_FULL:
      return Exit::no_space;
    case STAVE_NO_STORE:
      return Exit::no_store;
    case STAVE_IO:
    case STAVE_POISONED:
    case STAVE_PERMISSION:
    case STAVE_TOO_MANY_FILES:
    case STAVE_NETWORK_FS:
      return Exit::io;
    default:
      break;
  }
  constexpr int kArguments = 1;
  return status / 100 == kArguments || status == STAVE_EXISTS ? Exit::usage : Exit::other;
}

const char* exit_code_help() {
  return "Exit codes:\n"
         "  0   done\n"
         "  1   the key is not there\n"
         "  2   wrong usage or option value\n"
         "  3   another process has the store open for writing\n"
         "  4   stored bytes are damaged\n"
         "  5   no space left\n"
         "  6   I/O error, permission, or another refusal of the system\n"
         "  7   the directory holds no store\n"
         "  8   the store was written by a newer version\n"
         "  9   input that cannot be decoded (a line given to load, a value given to put)\n"
         "  10  any other failure\n"
         "  11  the condition does not hold (cas); nothing was written";
}

}  // namespace stave::cli
