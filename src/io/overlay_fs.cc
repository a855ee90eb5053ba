#include "io/overlay_fs.h"

#include <algorithm>
#include <cerrno>

#include "io/forwarding_file.h"
#include "io/parent_of.h"
#include "io/posix.h"

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;

// One of several handles of a file in memory.
class Handle final : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  Status sync() override { return {}; }
};

class NoDirectory final : public Directory {
 public:
  Status sync() override { return {}; }
};

class NoLock final : public DirLock {
 public:
  [[nodiscard]] uint64_t inode() const override { return 0; }
};

std::string name_in(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Result<std::unique_ptr<File>> handle_of(const std::shared_ptr<File>& file) {
  return std::unique_ptr<File>(new Handle(file));
}

}  // namespace

Result<std::unique_ptr<File>> OverlayFs::open(const std::string& path, Access access) {
  MutexLock lock(mutex_);
  const auto there = made_.find(path);
  if (there != made_.end()) return handle_of(there->second);
  if (gone_.contains(path)) return posix::name_error(ENOENT, "opening " + path);
  if (access == Access::read) return below_.open(path, access);
  auto copy = copy_up(path);
  return copy.ok() ? handle_of(*copy) : copy.status();
}

Result<std::shared_ptr<File>> OverlayFs::copy_up(const std::string& path) {
  auto from = below_.open(path, Access::read);
  if (!from.ok()) return from.status();
  auto to = posix::memory_file(path);
  if (!to.ok()) return to.status();
  std::string bytes(kChunk, '\0');
  for (uint64_t at = 0;;) {
    size_t got = 0;
    STAVE_RETURN_IF_ERROR((*from)->read(at, bytes.data(), bytes.size(), &got));
    if (got == 0) break;
    STAVE_RETURN_IF_ERROR((*to)->write(at, Bytes(bytes.data(), got)));
    at += got;
  }
  return made_[path] = to.take();
}

Result<std::unique_ptr<File>> OverlayFs::create(const std::string& path, uint32_t /*mode*/) {
  auto there = exists(path);
  if (!there.ok()) return there.status();
  if (*there) return posix::name_error(EEXIST, "creating " + path);
  auto file = posix::memory_file(path);
  if (!file.ok()) return file.status();
  MutexLock lock(mutex_);
  return handle_of(made_[path] = file.take());
}

Result<std::vector<std::string>> OverlayFs::list(const std::string& dir) {
  auto below = below_.list(dir);
  MutexLock lock(mutex_);
  if (!below.ok() && !dirs_.contains(dir)) return below;
  std::vector<std::string> names;
  if (below.ok()) {
    for (std::string& name : *below) {
      if (!gone_.contains(dir + "/" + name)) names.push_back(std::move(name));
    }
  }
  for (const auto& [path, file] : made_) {
    if (parent_of(path) != dir) continue;
    const std::string name = name_in(path);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

Result<bool> OverlayFs::exists(const std::string& path) {
  MutexLock lock(mutex_);
  if (made_.contains(path) || dirs_.contains(path)) return true;
  if (gone_.contains(path)) return false;
  return below_.exists(path);
}

Status OverlayFs::make_dir(const std::string& dir) {
  MutexLock lock(mutex_);
  dirs_.insert(dir);
  return {};
}

Status OverlayFs::rename(const std::string& from, const std::string& to) {
  MutexLock lock(mutex_);
  if (!made_.contains(from)) {
    if (gone_.contains(from)) return posix::name_error(ENOENT, "renaming " + from);
    auto copy = copy_up(from);
    if (!copy.ok()) return copy.status();
  }
  made_[to] = std::move(made_[from]);
  made_.erase(from);
  gone_.insert(from);
  gone_.insert(to);
  return {};
}

Status OverlayFs::unlink(const std::string& path) {
  MutexLock lock(mutex_);
  const bool was_made = made_.erase(path) != 0;
  if (!was_made) {
    auto below = gone_.contains(path) ? Result<bool>(false) : below_.exists(path);
    if (!below.ok()) return below.status();
    if (!*below) return posix::name_error(ENOENT, "unlinking " + path);
  }
  gone_.insert(path);
  return {};
}

Status OverlayFs::sync_dir(const std::string& /*dir*/) { return {}; }

Result<std::unique_ptr<Directory>> OverlayFs::open_dir(const std::string& /*dir*/) {
  return std::unique_ptr<Directory>(new NoDirectory);
}

Result<std::unique_ptr<DirLock>> OverlayFs::lock(const std::string& /*dir*/) {
  return std::unique_ptr<DirLock>(new NoLock);
}

}  // namespace stave
