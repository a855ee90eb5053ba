#include "support/fault_fs.h"

#include <cerrno>

#include "support/fault_fs_disk.h"

namespace stave::test {
namespace {

class FaultDirLock final : public DirLock {
 public:
  FaultDirLock(std::shared_ptr<FaultDisk> disk, std::string dir, uint64_t inode)
      : disk_(std::move(disk)), dir_(std::move(dir)), inode_(inode) {}
  ~FaultDirLock() override {
    MutexLock lock(disk_->mutex);
    disk_->locked_dirs.erase(dir_);
  }
  uint64_t inode() const override { return inode_; }

 private:
  std::shared_ptr<FaultDisk> disk_;
  std::string dir_;
  uint64_t inode_;
};

Status sync_names(FaultDisk& disk, const std::string& dir) {
  MutexLock lock(disk.mutex);
  STAVE_RETURN_IF_ERROR(disk.enter(Op::sync_dir, dir));
  if (!disk.is_dir(clean_path(dir))) {
    return {Code::not_found, "syncing directory " + dir, ENOENT};
  }
  disk.sync_names_of(clean_path(dir));
  return {};
}

class FaultDirectory final : public Directory {
 public:
  FaultDirectory(std::shared_ptr<FaultDisk> disk, std::string dir)
      : disk_(std::move(disk)), dir_(std::move(dir)) {}
  Status sync() override { return sync_names(*disk_, dir_); }

 private:
  std::shared_ptr<FaultDisk> disk_;
  std::string dir_;
};

Status not_found(const std::string& what) { return {Code::not_found, what, ENOENT}; }

}  // namespace

FaultFs::FaultFs(const FaultOptions& options) : disk_(std::make_shared<FaultDisk>(options)) {}
FaultFs::FaultFs(std::shared_ptr<FaultDisk> disk) : disk_(std::move(disk)) {}
FaultFs::~FaultFs() = default;

Result<std::unique_ptr<File>> FaultFs::open(const std::string& path, Access access) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::open, path); !fault.ok()) return fault;
  auto inode = disk_->find(path);
  if (!inode.ok()) return inode.status();
  disk_->count_handle(**inode);
  return make_fault_file(disk_, inode.take(), path, access);
}

Result<std::unique_ptr<File>> FaultFs::create(const std::string& path, uint32_t /*mode*/) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::create, path); !fault.ok()) return fault;
  auto inode = disk_->make_file(path);
  if (!inode.ok()) return inode.status();
  disk_->count_handle(**inode);
  return make_fault_file(disk_, inode.take(), path, Access::write);
}

Result<std::vector<std::string>> FaultFs::list(const std::string& dir) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::list, dir); !fault.ok()) return fault;
  const std::string clean = clean_path(dir);
  if (!disk_->is_dir(clean)) return not_found("listing " + dir + ": no such directory");
  std::vector<std::string> found;
  for (const auto& [name, inode] : disk_->names) {
    if (parent_of(name) == clean) found.push_back(name.substr(name.rfind('/') + 1));
  }
  return found;
}

Result<bool> FaultFs::exists(const std::string& path) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::exists, path); !fault.ok()) return fault;
  const std::string clean = clean_path(path);
  return disk_->is_dir(clean) || disk_->names.count(clean) != 0;
}

Status FaultFs::make_dir(const std::string& dir) {
  MutexLock lock(disk_->mutex);
  STAVE_RETURN_IF_ERROR(disk_->enter(Op::make_dir, dir));
  const std::string clean = clean_path(dir);
  if (disk_->is_dir(clean)) return {};
  if (disk_->names.count(clean) != 0) return Status::from_errno(ENOTDIR, "making directory " + dir);
  if (!disk_->is_dir(parent_of(clean))) return not_found("making directory " + dir);
  disk_->change_names({"", clean, nullptr});
  return {};
}

Status FaultFs::rename(const std::string& from, const std::string& to) {
  MutexLock lock(disk_->mutex);
  STAVE_RETURN_IF_ERROR(disk_->enter(Op::rename, from));
  const std::string what = "renaming " + from + " to " + to;
  auto inode = disk_->find(from);
  if (!inode.ok()) return inode.status().with_context(what);
  const std::string target = clean_path(to);
  if (disk_->is_dir(target)) return Status::from_errno(EISDIR, what);
  if (!disk_->is_dir(parent_of(target))) return not_found(what + ": no such directory");
  const auto there = disk_->names.find(target);
  if (there != disk_->names.end() && there->second == *inode) return {};  // links: both stay
  disk_->change_names({clean_path(from), target, nullptr});
  return {};
}

Status FaultFs::link(const std::string& from, const std::string& to) {
  MutexLock lock(disk_->mutex);
  const std::string what = "linking " + from + " to " + to;
  if (const Status fault = disk_->enter(Op::link, to); !fault.ok()) {
    const int error = fault.system_errno();
    return error == EXDEV || error == EPERM ? Fs::link(from, to) : fault;
  }
  auto inode = disk_->find(from);
  if (!inode.ok()) return inode.status().with_context(what);
  const std::string target = clean_path(to);
  if (disk_->names.count(target) != 0) return {Code::exists, what + ": it exists", EEXIST};
  if (!disk_->is_dir(parent_of(target))) return not_found(what + ": no such directory");
  disk_->change_names({"", target, inode.take()});
  return {};
}

Status FaultFs::unlink(const std::string& path) {
  MutexLock lock(disk_->mutex);
  STAVE_RETURN_IF_ERROR(disk_->enter(Op::unlink, path));
  if (disk_->is_dir(clean_path(path))) return Status::from_errno(EISDIR, "unlinking " + path);
  auto inode = disk_->find(path);
  if (!inode.ok()) return inode.status().with_context("unlinking");
  disk_->change_names({clean_path(path), "", nullptr});
  return {};
}

Status FaultFs::sync_dir(const std::string& dir) { return sync_names(*disk_, dir); }

Result<std::unique_ptr<Directory>> FaultFs::open_dir(const std::string& dir) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::open_dir, dir); !fault.ok()) return fault;
  if (!disk_->is_dir(clean_path(dir))) return not_found("opening directory " + dir);
  return std::unique_ptr<Directory>(new FaultDirectory(disk_, dir));
}

Result<std::unique_ptr<DirLock>> FaultFs::lock(const std::string& dir) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::lock, dir); !fault.ok()) return fault;
  const std::string clean = clean_path(dir);
  if (!disk_->is_dir(clean)) return not_found("locking " + dir + ": no such directory");
  if (disk_->locked_dirs.count(clean) != 0) return Status(Code::busy, dir + " is in use");
  auto inode = disk_->find(clean + "/LOCK");
  if (!inode.ok()) inode = disk_->make_file(clean + "/LOCK");
  if (!inode.ok()) return inode.status();
  const std::string text = "pid 1 host fault\n";
  const uint64_t fits = (*inode)->claim(0, text.size(), &disk_->free_space);
  (*inode)->write(0, text.data(), fits);
  disk_->locked_dirs.insert(clean);
  return std::unique_ptr<DirLock>(new FaultDirLock(disk_, clean, (*inode)->id()));
}

Result<uint64_t> FaultFs::inode(const std::string& path) {
  MutexLock lock(disk_->mutex);
  if (Status fault = disk_->enter(Op::inode, path); !fault.ok()) return fault;
  auto inode = disk_->find(path);
  if (!inode.ok()) return inode.status();
  return (*inode)->id();
}

std::string FaultFs::network_fs(const std::string& /*dir*/) {
  MutexLock lock(disk_->mutex);
  return disk_->network_fs;
}

std::unique_ptr<FaultFs> FaultFs::after_power_cut(uint64_t seed) const {
  return std::unique_ptr<FaultFs>(new FaultFs(disk_->after_power_cut(seed)));
}

std::unique_ptr<FaultFs> FaultFs::after_kill9() const {
  return std::unique_ptr<FaultFs>(new FaultFs(disk_->after_kill9()));
}

void FaultFs::freeze() {
  MutexLock lock(disk_->mutex);
  disk_->frozen = true;
}

void FaultFs::freeze_at(uint64_t nth) {
  MutexLock lock(disk_->mutex);
  disk_->operations_until_frozen = nth;
}

bool FaultFs::frozen() const {
  MutexLock lock(disk_->mutex);
  return disk_->frozen;
}

void FaultFs::writeback(uint64_t seed) {
  MutexLock lock(disk_->mutex);
  if (!disk_->frozen) disk_->writeback(seed);
}

void FaultFs::inject(const Fault& fault) {
  MutexLock lock(disk_->mutex);
  disk_->faults.push_back(fault);
}

void FaultFs::clear_faults() {
  MutexLock lock(disk_->mutex);
  disk_->faults.clear();
}

uint64_t FaultFs::count(Op op) const {
  MutexLock lock(disk_->mutex);
  return disk_->counts[static_cast<size_t>(op)];
}

uint64_t FaultFs::open_files() const {
  MutexLock lock(disk_->mutex);
  return disk_->open_files;
}

void FaultFs::set_free_space(uint64_t bytes) {
  MutexLock lock(disk_->mutex);
  disk_->free_space = bytes;
}

bool FaultFs::flip_bit(const std::string& path, uint64_t offset, unsigned bit) {
  MutexLock lock(disk_->mutex);
  auto inode = disk_->find(path);
  if (!inode.ok() || offset >= (*inode)->size()) return false;
  (*inode)->flip_bit(offset, bit);
  return true;
}

void FaultFs::set_network_fs(const std::string& name) {
  MutexLock lock(disk_->mutex);
  disk_->network_fs = name;
}

}  // namespace stave::test
