// Handles of files of a FaultFs.
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "support/fault_fs_disk.h"

namespace stave::test {
namespace {

class FaultMapping final : public Mapping {
 public:
  FaultMapping(std::shared_ptr<FaultArena> arena, uint64_t size) : arena_(std::move(arena)) {
    data_ = size == 0 ? nullptr : arena_->data();
    size_ = size;
  }

 private:
  std::shared_ptr<FaultArena> arena_;
};

class FaultFile final : public File {
 public:
  FaultFile(std::shared_ptr<FaultDisk> disk, std::shared_ptr<FaultInode> inode, std::string path,
            Access access)
      : disk_(std::move(disk)), inode_(std::move(inode)), path_(std::move(path)), access_(access) {}
  ~FaultFile() override {
    MutexLock lock(disk_->mutex);
    --inode_->handles;
    --disk_->open_files;
    disk_->forget_if_unused(*inode_);
  }

  const std::string& path() const override { return path_; }

  Status read(uint64_t offset, void* to, size_t n, size_t* got) override {
    *got = 0;
    MutexLock lock(disk_->mutex);
    STAVE_RETURN_IF_ERROR(disk_->enter(Op::read, path_));
    *got = inode_->read(offset, static_cast<char*>(to), n);
    return {};
  }

  Status write(uint64_t offset, Bytes bytes) override {
    MutexLock lock(disk_->mutex);
    if (access_ != Access::write) return error(EBADF, "writing");
    if (!within_reserve(offset, bytes.size())) return error(EFBIG, "writing");
    Status fault = disk_->enter(Op::write, path_);
    if (disk_->frozen) return fault;
    const uint64_t wanted = fault.ok() ? bytes.size() : bytes.size() / 2;
    const uint64_t fits = inode_->claim(offset, wanted, &disk_->free_space);
    inode_->write(offset, bytes.data(), fits);
    if (!fault.ok()) return fault;
    return fits == bytes.size() ? Status{} : error(ENOSPC, "writing");
  }

  Status sync() override {
    MutexLock lock(disk_->mutex);
    Status fault = disk_->enter(Op::sync, path_);
    if (fault.ok()) {
      inode_->sync();
    } else if (!disk_->frozen) {
      inode_->lose_dirty_pages();
    }
    return fault;
  }

  Status allocate(uint64_t offset, uint64_t length) override {
    MutexLock lock(disk_->mutex);
    if (access_ != Access::write) return error(EBADF, "allocating space in");
    if (!within_reserve(offset, length)) return error(EFBIG, "allocating space in");
    STAVE_RETURN_IF_ERROR(disk_->enter(Op::allocate, path_));
    if (length == 0) return {};
    if (inode_->missing_bytes(offset, length) > disk_->free_space) {
      return error(ENOSPC, "allocating space in");
    }
    STAVE_CHECK(inode_->claim(offset, length, &disk_->free_space) == length);
    if (offset + length > inode_->size()) inode_->resize(offset + length);
    return {};
  }

  Status truncate(uint64_t length) override {
    MutexLock lock(disk_->mutex);
    if (access_ != Access::write) return error(EINVAL, "truncating");
    if (!within_reserve(length, 0)) return error(EFBIG, "truncating");
    STAVE_RETURN_IF_ERROR(disk_->enter(Op::truncate, path_));
    disk_->free_space += inode_->release_from(length);
    inode_->resize(length);
    return {};
  }

  Result<uint64_t> size() override {
    MutexLock lock(disk_->mutex);
    if (Status fault = disk_->enter(Op::size, path_); !fault.ok()) return fault;
    return inode_->size();
  }

  Result<std::unique_ptr<Mapping>> map(uint64_t length, Access access) override {
    MutexLock lock(disk_->mutex);
    if (access == Access::write && access_ != Access::write) return error(EACCES, "mapping");
    if (!within_reserve(length, 0)) return error(ENOMEM, "mapping");
    if (Status fault = disk_->enter(Op::map, path_); !fault.ok()) return fault;
    if (access == Access::write) inode_->note_writable_mapping();
    return std::unique_ptr<Mapping>(new FaultMapping(inode_->arena(), length));
  }

  void prefault(const Mapping& /*mapping*/, uint64_t /*offset*/, uint64_t /*length*/) override {}

  Status load_pages(void* to, uint64_t offset, uint64_t length) override {
    MutexLock lock(disk_->mutex);
    STAVE_RETURN_IF_ERROR(disk_->enter(Op::load_pages, path_));
    if (offset > inode_->size() || length > inode_->size() - offset) {
      return error(EIO, "loading pages of");
    }
    STAVE_CHECK(inode_->read(offset, static_cast<char*>(to), length) == length);
    return {};
  }

 private:
  [[nodiscard]] bool within_reserve(uint64_t offset, uint64_t length) const {
    return length <= inode_->reserve() && offset <= inode_->reserve() - length;
  }
  [[nodiscard]] Status error(int e, const char* doing) const {
    return Status::from_errno(e, std::string(doing) + " " + path_);
  }

  const std::shared_ptr<FaultDisk> disk_;
  const std::shared_ptr<FaultInode> inode_;
  const std::string path_;
  const Access access_;
};

}  // namespace

std::unique_ptr<File> make_fault_file(std::shared_ptr<FaultDisk> disk,
                                      std::shared_ptr<FaultInode> inode, std::string path,
                                      Access access) {
  return std::make_unique<FaultFile>(std::move(disk), std::move(inode), std::move(path), access);
}

}  // namespace stave::test
