// What goes wrong in a benchmark: the text says what, where, and what to do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace stave::bench {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The command line is wrong: exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

// An engine returned something else than what was stored: the run has failed, whatever its speed.
class WrongAnswer : public Error {
 public:
  using Error::Error;
};

// Throws Error "what: strerror(errno)".
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace stave::bench
