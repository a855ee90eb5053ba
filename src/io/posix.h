// Private to src/io: what the parts of the POSIX file system share.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/fs.h"

namespace stave::posix {

// Owns a descriptor. close(2)'s result is dropped on purpose: only sync() promises anything.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Like Status::from_errno, and ENOENT is not_found, EEXIST is exists: what names resolve to.
Status name_error(int system_errno, const std::string& what);

// posix_file.cc
Result<std::unique_ptr<File>> open_file(const std::string& path, Access access);
Result<std::unique_ptr<File>> create_file(const std::string& path, uint32_t mode);

// Without a name in any file system; `path` is for texts. Gone with its last descriptor.
Result<std::unique_ptr<File>> memory_file(const std::string& path);

// posix_dir.cc
Result<std::vector<std::string>> list_dir(const std::string& dir);
Status make_dir(const std::string& dir);
Result<std::unique_ptr<Directory>> open_dir(const std::string& dir);

// dir_lock.cc
Result<std::unique_ptr<DirLock>> lock_dir(const std::string& dir);

// network_fs.cc
std::string network_fs_name(uint32_t statfs_type);
// The directory itself, or, where there is none yet, the one that it would be made in.
std::string nearest_existing(std::string dir);

}  // namespace stave::posix
