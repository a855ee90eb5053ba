// Directories: listing, making, and making their entries durable.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>

#include "io/posix.h"

namespace stave::posix {
namespace {

class PosixDirectory final : public Directory {
 public:
  PosixDirectory(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status sync() override {
    // EINVAL: a file system that has no notion of syncing a directory; no more can be asked.
    if (::fsync(fd_.get()) == 0 || errno == EINVAL) return {};
    return Status::from_errno(errno, "syncing directory " + path_);
  }

 private:
  Fd fd_;
  std::string path_;
};

}  // namespace

Result<std::vector<std::string>> list_dir(const std::string& dir) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(dir.c_str()), &::closedir);
  if (!stream && errno == ENOTDIR) return Status(Code::io, dir + " is not a directory", ENOTDIR);
  if (!stream) return name_error(errno, "listing " + dir);
  std::vector<std::string> names;
  while (true) {
    errno = 0;  // the only way to tell readdir's end from its failure
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return Status::from_errno(errno, "listing " + dir);
  return names;
}

Status make_dir(const std::string& dir) {
  if (::mkdir(dir.c_str(), 0755) == 0) return {};
  int error = errno;
  struct stat st {};
  if (error == EEXIST) {
    if (::stat(dir.c_str(), &st) != 0) {
      return {Code::io, dir + " is a symbolic link that leads nowhere", errno};
    }
    if (S_ISDIR(st.st_mode)) return {};
    error = ENOTDIR;
  }
  const char* const why = error == ENOENT ? ", whose parent directory must be there" : "";
  return name_error(error, "making directory " + dir + why);
}

Result<std::unique_ptr<Directory>> open_dir(const std::string& dir) {
  Fd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) return name_error(errno, "opening directory " + dir);
  return std::unique_ptr<Directory>(new PosixDirectory(std::move(fd), dir));
}

}  // namespace stave::posix
