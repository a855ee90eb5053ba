// The line at the bottom of the terminal while a run lasts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace stave::bench {

class Progress {
 public:
  Progress(bool shown, size_t steps);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Of `steps`, `done` are behind us; `now` says what comes.
  void show(size_t done, const std::string& now) const;

 private:
  bool shown_;
  size_t steps_;
  uint64_t began_ns_;
};

// "about 3:07 left" from what was done so far; "" where that would be a guess, or nothing.
std::string time_left(size_t done, size_t steps, double elapsed_seconds);

}  // namespace stave::bench
