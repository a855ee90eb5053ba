// A file system over another that it never changes: files that are made or changed, and names that
// are made, moved or removed, are in memory, and gone with the last of it and its handles.
//
// For looking at what a change would do, and for reading on media that cannot be written. Locks
// are granted to everybody: nobody else can see what is written here.
//
// Threads: any, as with every Fs.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "io/fs.h"

namespace stave {

class OverlayFs final : public Fs {
 public:
  // `below` must outlive this.
  explicit OverlayFs(Fs& below) : below_(below) {}

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override
      STAVE_EXCLUDES(mutex_);
  Result<std::unique_ptr<File>> create(const std::string& path, uint32_t mode) override
      STAVE_EXCLUDES(mutex_);
  Result<std::vector<std::string>> list(const std::string& dir) override STAVE_EXCLUDES(mutex_);
  Result<bool> exists(const std::string& path) override STAVE_EXCLUDES(mutex_);
  Status make_dir(const std::string& dir) override STAVE_EXCLUDES(mutex_);
  Status rename(const std::string& from, const std::string& to) override STAVE_EXCLUDES(mutex_);
  Status unlink(const std::string& path) override STAVE_EXCLUDES(mutex_);
  Status sync_dir(const std::string& dir) override;
  Result<std::unique_ptr<Directory>> open_dir(const std::string& dir) override;
  Result<std::unique_ptr<DirLock>> lock(const std::string& dir) override;
  Result<uint64_t> inode(const std::string& path) override { return below_.inode(path); }
  std::string network_fs(const std::string& dir) override { return below_.network_fs(dir); }

  // Where what is to last goes.
  [[nodiscard]] Fs& below() const { return below_; }

 private:
  Result<std::shared_ptr<File>> copy_up(const std::string& path) STAVE_REQUIRES(mutex_);

  Fs& below_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<File>> made_ STAVE_GUARDED_BY(mutex_);
  std::set<std::string> gone_ STAVE_GUARDED_BY(mutex_);  // names below that are no longer there
  std::set<std::string> dirs_ STAVE_GUARDED_BY(mutex_);
};

}  // namespace stave
