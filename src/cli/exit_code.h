// Exit codes of the `stave` command: scripts rely on them, so a number never changes its meaning.
// docs/cli.md and the help's footer list them.
#pragma once

namespace stave::cli {

enum class Exit : int {
  ok = 0,
  no = 1,           // the key is not there; exists says false
  usage = 2,        // the command line or an option's value is wrong
  busy = 3,         // another process has the store open for writing
  corrupt = 4,      // stored bytes fail their checks
  no_space = 5,     // the file system, the quota or the store is full
  io = 6,           // the system refused or failed: I/O, permission, too many files
  no_store = 7,     // the directory holds no store
  unsupported = 8,  // written by a newer version of stave
  bad_input = 9,    // what load, import or put was given to read cannot be decoded
  other = 10,       // anything else, a bug of ours included
  conflict = 11,    // the condition of a write does not hold; nothing was written
};

// The exit code for a STAVE_* status.
Exit exit_for_status(int status);

// The table above, one line per code, for help texts.
const char* exit_code_help();

}  // namespace stave::cli
