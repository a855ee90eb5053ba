// The seam: every file and directory operation of the engine passes through Fs and File, so
// that a test file system can drop, tear or fail any of them. io/ is the only layer with
// system calls on files.
//
// Paths are absolute or relative as the store's directory was given. Status texts name the
// path and the operation. All methods may be called from any thread; one File may be used by
// several threads at once (positional calls only, there is no file position).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace stave {

// How a mapping is going to be used: filled from front to back, or read here and there.
enum class Pattern : uint8_t { appended, random };

// Bytes of a file in memory, shared with all other users of the file. Unmapped on destruction.
class Mapping {
 public:
  virtual ~Mapping() = default;
  // A hint: huge pages for what is appended, no reading ahead for what is read at random.
  virtual void expect(Pattern) {}
  // Whether [0, length) is in memory as far as the system tells; false also where it does not.
  [[nodiscard]] virtual bool resident(uint64_t /*length*/) const { return false; }
  // Enters those pages of [0, length) that are in memory into the page table, so that the first
  // reads need not. A hint.
  virtual void map_resident(uint64_t /*length*/) {}
  // Starts to read [offset, offset + length) from the device, all at once. A hint.
  virtual void fetch(uint64_t /*offset*/, uint64_t /*length*/) const {}
  [[nodiscard]] char* data() const { return data_; }
  [[nodiscard]] uint64_t size() const { return size_; }

 protected:
  char* data_ = nullptr;
  uint64_t size_ = 0;
};

enum class Access : uint8_t { read, write };

class File {
 public:
  virtual ~File() = default;  // closes

  [[nodiscard]] virtual const std::string& path() const = 0;
  // Reads n bytes at offset; fewer (in *got) only at the end of the file. An I/O error is an
  // error, never a short read. EINTR is retried.
  virtual Status read(uint64_t offset, void* to, size_t n, size_t* got) = 0;
  // Writes all bytes or fails.
  virtual Status write(uint64_t offset, Bytes bytes) = 0;
  // fdatasync: contents and length are durable afterwards. Never retried by callers.
  virtual Status sync() = 0;
  // Makes sure that blocks exist for [offset, offset + length) and the file reaches that far,
  // so that later stores into a mapping cannot fail for want of space. Contents read as zeros.
  // no_space leaves the file as it was (its length may not shrink or grow). Where the system
  // cannot do it, zeros are written from the end of the file on; holes before it stay holes.
  // Not beside another thread's write past the end: undoing a failure cuts that off.
  virtual Status allocate(uint64_t offset, uint64_t length) = 0;
  virtual Status truncate(uint64_t length) = 0;
  [[nodiscard]] virtual Result<uint64_t> size() = 0;
  // Maps [0, length). The mapping may reach past the end of the file: those pages may be
  // touched once the file has been extended there.
  [[nodiscard]] virtual Result<std::unique_ptr<Mapping>> map(uint64_t length, Access access) = 0;
  // Brings pages of a writable mapping of this file into memory for writing. A hint: no result.
  virtual void prefault(const Mapping& mapping, uint64_t offset, uint64_t length) = 0;
  // Starts to write dirty bytes of the range to the device, without waiting: what sync() then
  // waits for is less. A hint; errors show in sync().
  virtual void start_writeback(uint64_t /*offset*/, uint64_t /*length*/) {}
  // Fills private memory with the file's bytes, lazily (a private mapping over it) where both
  // are page-aligned and the system can. Later changes of the file may show in pages not yet
  // touched, so only for files that never change once written.
  virtual Status load_pages(void* to, uint64_t offset, uint64_t length) = 0;
};

// Holds the store's directory for one writer: Boost's file_lock on DIR/LOCK, flock on the
// directory and a registry within the process. Destruction lets go. Never unlinks LOCK.
class DirLock {
 public:
  virtual ~DirLock() = default;
  [[nodiscard]] virtual uint64_t inode() const = 0;  // of DIR/LOCK
};

// A directory held open, so that making its names durable needs no descriptor any more.
class Directory {
 public:
  virtual ~Directory() = default;  // closes
  virtual Status sync() = 0;
};

class Fs {
 public:
  virtual ~Fs() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           Access access) = 0;
  // Fails with Code::exists if there is a file of that name. mode is the permission bits.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> create(const std::string& path,
                                                             uint32_t mode) = 0;
  // The names in a directory, without . and .., in no order. not_found: no such directory.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& dir) = 0;
  [[nodiscard]] virtual Result<bool> exists(const std::string& path) = 0;
  virtual Status make_dir(const std::string& dir) = 0;                        // ok if it exists
  virtual Status rename(const std::string& from, const std::string& to) = 0;  // replaces
  // A second name for a file that never changes. unsupported: not there, not for these two.
  virtual Status link(const std::string& from, const std::string& to) {
    return {Code::unsupported, "linking " + from + " to " + to};
  }
  virtual Status unlink(const std::string& path) = 0;
  virtual Status sync_dir(const std::string& dir) = 0;  // open_dir() and its sync()
  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_dir(const std::string& dir) = 0;
  // busy if another holder has it; the text names the pid found in LOCK as a hint for people.
  [[nodiscard]] virtual Result<std::unique_ptr<DirLock>> lock(const std::string& dir) = 0;
  // Inode of a file; not_found.
  [[nodiscard]] virtual Result<uint64_t> inode(const std::string& path) = 0;
  // "nfs" and the like when `dir` is, or would be made, on a file system whose locks and mappings
  // are not to be trusted, else "".
  [[nodiscard]] virtual std::string network_fs(const std::string& dir) = 0;
};

// A missing file is Code::not_found from open() and unlink(), whatever the Fs.

// The machine's file system; lives for ever.
Fs& posix_fs();

// The whole file; Code::corrupt if it has more than size_max bytes (none are read then).
Result<std::string> read_file(Fs& fs, const std::string& path, uint64_t size_max);

}  // namespace stave
