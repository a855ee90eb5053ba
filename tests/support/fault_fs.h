// A file system in memory that models a disk: what the processes see (the page cache) and what
// a power cut leaves are two images of every file, page by page, and two directories.
//
// The model, on purpose harsher than ext4 or XFS:
//  M1. sync() makes one file's contents and length durable, and nothing else.
//  M2. An unsynced page survives a power cut or not, each by itself, with its newest contents;
//      the length is the old one, the new one, or a page boundary between them.
//  M3. Names made, renamed or removed are durable after sync_dir() of their directory. Before,
//      a power cut keeps a prefix of each directory's changes; a rename between two directories
//      happens in both or in neither. A new directory's name is its parent's change.
//  M4. A sync that was made to fail loses the pages that it should have written: they read on
//      as written and a later sync does not write them (as Linux does).
//  M5. Stores through a mapping are seen at once by all, and become durable like writes. Pages
//      past the end of the file fault, where the machine would raise SIGBUS.
//
// Crashes are taken as copies: after_power_cut() and after_kill9() return a new FaultFs and
// leave this one as it is, so many futures of one moment can be tried. To abandon a store,
// freeze() its FaultFs: from then on every operation on it and on its handles fails with EIO
// and changes nothing, so the store can be destroyed. Mappings stay valid as long as they live.
//
// Threads: everything may be called from any thread. after_kill9() is exact only while nobody
// stores through a mapping.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/fs.h"

namespace stave::test {

class FaultDisk;

struct FaultOptions {
  uint64_t page_size = 4096;       // the unit of survival; 512 tears finer
  uint64_t reserve = 64ULL << 20;  // address space per file, and its greatest length
};

enum class Op : uint8_t {
  any,  // as a filter: every kind
  open,
  create,
  read,
  write,
  sync,
  allocate,
  truncate,
  size,
  map,
  load_pages,
  list,
  exists,
  make_dir,
  rename,
  link,
  unlink,
  open_dir,
  sync_dir,  // of a Directory too
  lock,
  inode,
  count_  // of kinds
};

// Which operation fails, and how. A failing write has written the first half of its bytes;
// every other failing operation has no effect but M4.
struct Fault {
  Op op = Op::any;
  uint64_t nth = 1;  // counted from now among those that match; 1 is the next
  int error = 5;     // EIO
  bool for_ever = false;
  std::string path_part = {};  // only paths that contain this
  bool throws = false;         // std::bad_alloc instead of an error
};

class FaultFs final : public Fs {
 public:
  explicit FaultFs(const FaultOptions& options = {});
  ~FaultFs() override;

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override;
  Result<std::unique_ptr<File>> create(const std::string& path, uint32_t mode) override;
  Result<std::vector<std::string>> list(const std::string& dir) override;
  Result<bool> exists(const std::string& path) override;
  Status make_dir(const std::string& dir) override;
  Status rename(const std::string& from, const std::string& to) override;
  // A fault of EXDEV or EPERM is a refusal: unsupported, as posix_fs answers.
  Status link(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status sync_dir(const std::string& dir) override;
  Result<std::unique_ptr<Directory>> open_dir(const std::string& dir) override;
  Result<std::unique_ptr<DirLock>> lock(const std::string& dir) override;
  Result<uint64_t> inode(const std::string& path) override;
  std::string network_fs(const std::string& dir) override;

  // Crashes.
  [[nodiscard]] std::unique_ptr<FaultFs> after_power_cut(uint64_t seed) const;
  [[nodiscard]] std::unique_ptr<FaultFs> after_kill9() const;
  void freeze();
  void freeze_at(uint64_t nth);  // the nth operation from now (1: the next) and all after it
  [[nodiscard]] bool frozen() const;
  // The system writes back some dirty pages, lengths and names now.
  void writeback(uint64_t seed);

  // Faults. Several may be armed; the first that matches decides.
  void inject(const Fault& fault);
  void clear_faults();
  [[nodiscard]] uint64_t count(Op op = Op::any) const;  // operations so far, failed ones too
  [[nodiscard]] uint64_t open_files() const;            // handles now alive
  // Bytes that may still be taken, in whole pages; write, allocate and create then fail with
  // ENOSPC (a write after the part that fits). Unlimited at first, and in copies.
  void set_free_space(uint64_t bytes);
  // Bit rot, in both images. False: no such file or byte.
  bool flip_bit(const std::string& path, uint64_t offset, unsigned bit);
  void set_network_fs(const std::string& name);

 private:
  explicit FaultFs(std::shared_ptr<FaultDisk> disk);
  std::shared_ptr<FaultDisk> disk_;  // shared with handles, which may live longer
};

}  // namespace stave::test
