// The `stave` command as a function: parses the command line and runs one verb.
#pragma once

namespace stave::cli {

// Returns the process's exit code; everything that goes wrong has been printed by then.
// REQUIRES: SIGPIPE is ignored (a closed pipe must be seen as an error of write).
int run_application(int argc, char** argv);

}  // namespace stave::cli
