// The machine's file system: names and inodes; files, directories and locks are next door.
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdio>

#include "io/posix.h"

namespace stave {
namespace posix {

Status name_error(int system_errno, const std::string& what) {
  Status status = Status::from_errno(system_errno, what);
  if (system_errno == ENOENT) return {Code::not_found, status.message(), system_errno};
  if (system_errno == EEXIST) return {Code::exists, status.message(), system_errno};
  return status;
}

}  // namespace posix

namespace {

class PosixFs final : public Fs {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override {
    return posix::open_file(path, access);
  }
  Result<std::unique_ptr<File>> create(const std::string& path, uint32_t mode) override {
    return posix::create_file(path, mode);
  }
  Result<std::vector<std::string>> list(const std::string& dir) override {
    return posix::list_dir(dir);
  }
  Result<bool> exists(const std::string& path) override {
    struct stat st {};
    if (::stat(path.c_str(), &st) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return Status::from_errno(errno, "looking for " + path);
  }
  Status make_dir(const std::string& dir) override { return posix::make_dir(dir); }
  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return posix::name_error(errno, "renaming " + from + " to " + to);
  }
  Status link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    switch (errno) {
      case EXDEV:  // another file system
      case EPERM:  // one without links, or somebody else's file
      case EMLINK:
      case EOPNOTSUPP:
        return Fs::link(from, to);
      default:
        return posix::name_error(errno, "linking " + from + " to " + to);
    }
  }
  Status unlink(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return {};
    return posix::name_error(errno, "unlinking " + path);
  }
  Status sync_dir(const std::string& dir) override {
    auto open = posix::open_dir(dir);
    return open.ok() ? (*open)->sync() : open.status();
  }
  Result<std::unique_ptr<Directory>> open_dir(const std::string& dir) override {
    return posix::open_dir(dir);
  }
  Result<std::unique_ptr<DirLock>> lock(const std::string& dir) override {
    return posix::lock_dir(dir);
  }
  Result<uint64_t> inode(const std::string& path) override {
    struct stat st {};
    if (::stat(path.c_str(), &st) == 0) return uint64_t{st.st_ino};
    return posix::name_error(errno, "finding the inode of " + path);
  }
  std::string network_fs(const std::string& dir) override {
    struct statfs st {};
    if (::statfs(posix::nearest_existing(dir).c_str(), &st) != 0) return "";
    return posix::network_fs_name(static_cast<uint32_t>(st.f_type));
  }
};

}  // namespace

Fs& posix_fs() {
  // No state, so its destructor at exit frees nothing that a late user could miss.
  static PosixFs fs;
  return fs;
}

}  // namespace stave
