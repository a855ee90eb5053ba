#include "cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/failure.h"

namespace stave::cli {
namespace {

bool is_special(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

int open_output(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) throw system_failure("opening '" + path + "'", errno);
  return fd;
}

}  // namespace

OutputFile::OutputFile(const std::string& path)
    : path_(path),
      written_(is_special(path) ? path : path + ".partial"),
      fd_(open_output(written_)),
      out_(fd_, "'" + written_ + "'") {}

OutputFile::~OutputFile() {
  if (fd_ < 0) return;
  close(fd_);
  if (written_ != path_) unlink(written_.c_str());
}

void OutputFile::finish() {
  out_.flush();
  if (written_ != path_ && fdatasync(fd_) != 0)
    throw system_failure("writing '" + path_ + "'", errno);
  if (written_ != path_ && std::rename(written_.c_str(), path_.c_str()) != 0) {
    throw system_failure("renaming '" + written_ + "' to '" + path_ + "'", errno);
  }
  const int fd = fd_;
  fd_ = -1;
  if (close(fd) != 0) throw system_failure("writing '" + path_ + "'", errno);
}

}  // namespace stave::cli
