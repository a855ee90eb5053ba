// One open file: positional reads and writes, space, durability, mappings.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/signals_blocked.h"
#include "io/posix.h"

namespace stave::posix {
namespace {

constexpr uint64_t kZeroChunk = 256 << 10;

uint64_t page_size() {
  static const auto size = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

class PosixMapping final : public Mapping {
 public:
  // No MADV_DONTDUMP: shared file mappings are not dumped unless somebody asks for them
  // (core(5), coredump_filter), so it would be a system call for nothing.
  PosixMapping(void* data, uint64_t size) {
    data_ = static_cast<char*>(data);
    size_ = size;
  }
  ~PosixMapping() override {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  // What huge pages are mapped already stays so. With the advice left standing, a cold read would
  // bring in 2 MiB; without MADV_RANDOM, 128 KiB. But MADV_NOHUGEPAGE, where nothing has to be
  // taken back, would keep those 2 MiB that an earlier mapping brought in from being mapped as one
  // page.
  void expect(Pattern pattern) override {
    if (pattern == Pattern::appended) {
      (void)::madvise(data_, size_, MADV_HUGEPAGE);
      asked_for_huge_pages_ = true;
    } else {
      if (asked_for_huge_pages_) (void)::madvise(data_, size_, MADV_NOHUGEPAGE);
      (void)::madvise(data_, size_, MADV_RANDOM);
    }
  }
  bool resident(uint64_t length) const override {
    length = std::min(length, size_);
    for (uint64_t at = 0; at < length; at += kStep) {
      if (!step_resident(at, std::min(kStep, length - at))) return false;
    }
    return length != 0;
  }
  void map_resident(uint64_t length) override {
    length = std::min(length, size_);
    for (uint64_t at = 0; at < length; at += kStep) {
      const uint64_t n = std::min(kStep, length - at);
      if (step_resident(at, n)) (void)::madvise(data_ + at, n, MADV_POPULATE_READ);
    }
  }
  void fetch(uint64_t offset, uint64_t length) const override {
    if (offset >= size_) return;
    const uint64_t begin = offset / page_size() * page_size();
    const uint64_t end = offset + std::min(length, size_ - offset);
    (void)::madvise(data_ + begin, end - begin, MADV_WILLNEED);
  }

 private:
  // At a time: who changes the address space waits meanwhile.
  static constexpr uint64_t kStep = 2 << 20;

  [[nodiscard]] bool step_resident(uint64_t offset, uint64_t length) const {
    std::array<unsigned char, kStep / 4096> pages;  // no page is smaller
    if (::mincore(data_ + offset, length, pages.data()) != 0) return false;
    const uint64_t n = (length + page_size() - 1) / page_size();
    return std::all_of(pages.begin(), pages.begin() + static_cast<ptrdiff_t>(n),
                       [](unsigned char p) { return (p & 1) != 0; });
  }

  bool asked_for_huge_pages_ = false;
};

// 0 or an errno. File systems that undo an interrupted fallocate (tmpfs) would never finish a
// large one under a fast profiling timer.
int fallocate_retrying(int fd, uint64_t offset, uint64_t length) {
  const SignalsBlocked blocked;
  while (::fallocate(fd, 0, static_cast<off_t>(offset), static_cast<off_t>(length)) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

class PosixFile final : public File {
 public:
  PosixFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  const std::string& path() const override { return path_; }
  Status read(uint64_t offset, void* to, size_t n, size_t* got) override;
  Status write(uint64_t offset, Bytes bytes) override;
  Status sync() override;
  Status allocate(uint64_t offset, uint64_t length) override;
  Status truncate(uint64_t length) override;
  Result<uint64_t> size() override;
  Result<std::unique_ptr<Mapping>> map(uint64_t length, Access access) override;
  void prefault(const Mapping& mapping, uint64_t offset, uint64_t length) override;
  void start_writeback(uint64_t offset, uint64_t length) override;
  Status load_pages(void* to, uint64_t offset, uint64_t length) override;

 private:
  [[nodiscard]] Status error(int e, const char* doing, uint64_t offset) const {
    return Status::from_errno(e,
                              std::string(doing) + " " + path_ + " at " + std::to_string(offset));
  }
  Status write_zeros(uint64_t from, uint64_t to);

  Fd fd_;
  std::string path_;
};

Status PosixFile::read(uint64_t offset, void* to, size_t n, size_t* got) {
  *got = 0;
  while (*got < n) {
    ssize_t r = ::pread(fd_.get(), static_cast<char*>(to) + *got, n - *got,
                        static_cast<off_t>(offset + *got));
    if (r == 0) break;
    if (r > 0) {
      *got += static_cast<size_t>(r);
    } else if (errno != EINTR) {
      return error(errno, "reading", offset + *got);
    }
  }
  return {};
}

Status PosixFile::write(uint64_t offset, Bytes bytes) {
  // A disk that fills up answers with a short count first; the next round gets its ENOSPC.
  while (!bytes.empty()) {
    ssize_t r = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (r > 0) {
      bytes.remove_prefix(static_cast<size_t>(r));
      offset += static_cast<uint64_t>(r);
    } else if (r == 0) {
      return error(EIO, "writing", offset);
    } else if (errno != EINTR) {
      return error(errno, "writing", offset);
    }
  }
  return {};
}

Status PosixFile::sync() {
  // Not retried, not even on EINTR: after a failure the kernel may have marked the lost pages
  // clean, and a second call would report a success that never was.
  if (::fdatasync(fd_.get()) == 0) return {};
  return Status::from_errno(errno, "syncing " + path_);
}

Status PosixFile::allocate(uint64_t offset, uint64_t length) {
  if (length == 0) return {};
  Result<uint64_t> before = size();
  if (!before.ok()) return before.status();
  int e = fallocate_retrying(fd_.get(), offset, length);
  if (e == 0) return {};
  Status status = error(e, "allocating space in", offset);
  if (e == EOPNOTSUPP || e == EINVAL || e == ENOSYS) {
    // Only past the end: bytes within the file may be somebody's data being written just now.
    status = write_zeros(*before, offset + length);
  }
  if (status.ok()) return status;
  // Both ways may have extended the file before they failed.
  Result<uint64_t> after = size();
  if (after.ok() && *after > *before) {
    STAVE_RETURN_IF_ERROR(truncate(*before).with_context(status.message()));
  }
  return status;
}

Status PosixFile::write_zeros(uint64_t from, uint64_t to) {
  if (from >= to) return {};
  const std::string zeros(std::min(kZeroChunk, to - from), '\0');
  for (uint64_t at = from; at < to;) {
    uint64_t n = std::min<uint64_t>(zeros.size(), to - at);
    STAVE_RETURN_IF_ERROR(write(at, Bytes(zeros).substr(0, n)));
    at += n;
  }
  return {};
}

Status PosixFile::truncate(uint64_t length) {
  while (::ftruncate(fd_.get(), static_cast<off_t>(length)) != 0) {
    if (errno != EINTR) return error(errno, "truncating", length);
  }
  return {};
}

Result<uint64_t> PosixFile::size() {
  struct stat st {};
  if (::fstat(fd_.get(), &st) == 0) return static_cast<uint64_t>(st.st_size);
  return Status::from_errno(errno, "finding the size of " + path_);
}

Result<std::unique_ptr<Mapping>> PosixFile::map(uint64_t length, Access access) {
  // mmap refuses an empty range; a mapping without bytes needs none.
  if (length == 0) return std::unique_ptr<Mapping>(new PosixMapping(nullptr, 0));
  int protection = access == Access::write ? PROT_READ | PROT_WRITE : PROT_READ;
  void* data = ::mmap(nullptr, length, protection, MAP_SHARED, fd_.get(), 0);
  if (data == MAP_FAILED) return error(errno, "mapping", length);
  return std::unique_ptr<Mapping>(new PosixMapping(data, length));
}

void PosixFile::prefault(const Mapping& mapping, uint64_t offset, uint64_t length) {
  if (offset >= mapping.size()) return;
  uint64_t end = offset + std::min(length, mapping.size() - offset);
  uint64_t begin = offset / page_size() * page_size();
  // A kernel before 5.14 says EINVAL, a page past the end EFAULT: the first store pays then.
  (void)::madvise(mapping.data() + begin, end - begin, MADV_POPULATE_WRITE);
}

void PosixFile::start_writeback(uint64_t offset, uint64_t length) {
  (void)::sync_file_range(fd_.get(), static_cast<off64_t>(offset), static_cast<off64_t>(length),
                          SYNC_FILE_RANGE_WRITE);
}

Status PosixFile::load_pages(void* to, uint64_t offset, uint64_t length) {
  if (length == 0) return {};
  // Checked now, because pages past the end would be a SIGBUS at first touch.
  Result<uint64_t> have = size();
  if (!have.ok()) return have.status();
  if (offset > *have || length > *have - offset) {
    return {Code::io, path_ + " ends at " + std::to_string(*have) + ", before the pages to load"};
  }
  // Files align to 4096 bytes; there are machines with pages of 16 and 64 KiB.
  if (reinterpret_cast<uintptr_t>(to) % page_size() == 0 && offset % page_size() == 0) {
    void* at = ::mmap(to, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd_.get(),
                      static_cast<off_t>(offset));
    if (at != MAP_FAILED) return {};
    if (errno != ENODEV) return error(errno, "mapping", offset);
  }
  size_t got = 0;  // or a file system without mappings
  STAVE_RETURN_IF_ERROR(read(offset, to, length, &got));
  return got == length ? Status{} : error(EIO, "reading", offset + got);
}

Result<std::unique_ptr<File>> adopt(int fd, const std::string& path, const char* doing) {
  if (fd < 0) return name_error(errno, doing + path);
  return std::unique_ptr<File>(new PosixFile(Fd(fd), path));
}

}  // namespace

Result<std::unique_ptr<File>> open_file(const std::string& path, Access access) {
  int flags = (access == Access::write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
  return adopt(::open(path.c_str(), flags), path, "opening ");
}

Result<std::unique_ptr<File>> create_file(const std::string& path, uint32_t mode) {
  int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  return adopt(::open(path.c_str(), flags, static_cast<mode_t>(mode)), path, "creating ");
}

Result<std::unique_ptr<File>> memory_file(const std::string& path) {
  return adopt(::memfd_create("stave", MFD_CLOEXEC), path, "making in memory ");
}

}  // namespace stave::posix
