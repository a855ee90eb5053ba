// A file that a verb writes: it appears under its name only when it is whole.
#pragma once

#include <string>

#include "cli/output.h"

namespace stave::cli {

class OutputFile {
 public:
  // Writes PATH.partial, or PATH itself if that is no plain file (a pipe, /dev/null). Throws
  // Failure.
  explicit OutputFile(const std::string& path);
  // Removes what was not finished.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  Output& out() { return out_; }

  // Flushes to the disk and gives the file its name. Throws Failure.
  void finish();

 private:
  std::string path_;
  std::string written_;  // the file's name until it is whole
  int fd_;
  Output out_;
};

}  // namespace stave::cli
