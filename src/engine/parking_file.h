// A file that need not hold a descriptor while nobody reads it, so that a store may have more
// files than the process may have descriptors. Of all parked files of the process, the few that
// were opened last stay open.
//
// Invariant: names of data files and hints are never given to other bytes: ids are not reused,
// and a hint made again is told by its checksums. So opening the name again leads to the same
// bytes or to nothing. It may lead to nothing when another process has merged the file away (we
// only read) or has taken the store over (we were closed): then, and when descriptors run out,
// the bytes come from the mapping, if there is one.
//
// Threads: read, sync, size and map by any, beside park().
#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "io/fs.h"

namespace stave {

class ParkingFile final : public File {
 public:
  // `fs` outlives it.
  ParkingFile(Fs& fs, std::unique_ptr<File> file) : fs_(fs), open_(std::move(file)) {}
  ~ParkingFile() override;
  ParkingFile(const ParkingFile&) = delete;
  ParkingFile& operator=(const ParkingFile&) = delete;

  // From now on the file is open only while it is in use. For files that nobody writes any more.
  // `mapped` (not empty if there is a mapping) are all bytes that anyone may read; they stay as
  // long as this.
  void park(Bytes mapped) STAVE_EXCLUDES(mutex_);

  [[nodiscard]] const std::string& path() const override { return path_; }
  Status read(uint64_t offset, void* to, size_t n, size_t* got) override;
  Status write(uint64_t offset, Bytes bytes) override;
  Status sync() override;
  Status allocate(uint64_t offset, uint64_t length) override;
  Status truncate(uint64_t length) override;
  [[nodiscard]] Result<uint64_t> size() override;
  [[nodiscard]] Result<std::unique_ptr<Mapping>> map(uint64_t length, Access access) override;
  void prefault(const Mapping& mapping, uint64_t offset, uint64_t length) override;
  void start_writeback(uint64_t offset, uint64_t length) override;
  Status load_pages(void* to, uint64_t offset, uint64_t length) override;

 private:
  // The file, opened if it is not.
  Result<std::shared_ptr<File>> use(Bytes* mapped = nullptr) STAVE_EXCLUDES(mutex_);

  Fs& fs_;
  Mutex mutex_;  // a leaf
  std::shared_ptr<File> open_ STAVE_GUARDED_BY(mutex_);
  Bytes mapped_ STAVE_GUARDED_BY(mutex_);
  const std::string path_ = open_->path();
};

}  // namespace stave
