// What every verb gets: the global flags and standard output.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"

namespace stave::cli {

struct OpenStore;

struct Context {
  Output& out;
  std::string verb;
  std::string dir;                   // --dir, else $STAVE_DIR
  std::vector<std::string> options;  // NAME=VALUE, in the order given
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  OpenStore* lent = nullptr;  // in a session: the store that verbs use instead of opening one
};

// Throws Failure if `path` is "-", standard input, and a session reads its commands from there.
void check_input_is_free(const Context& context, const std::string& path);

// What a terminal needs to forget a progress bar on the present line.
inline constexpr char kClearLine[] = "\r\x1b[K";

// Prints "stave: VERB: text" on standard error, as one line. Any thread.
void print_error(const Context& context, const std::string& text);

// Prints a line on standard error unless --quiet was given.
void print_note(const Context& context, const std::string& text);

}  // namespace stave::cli
