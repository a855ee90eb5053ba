// The state behind a FaultFs and its handles: names, the journal of name changes that are not
// durable yet, armed faults, free space. Everything happens under its one mutex.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "support/fault_fs.h"
#include "support/fault_fs_inode.h"

namespace stave::test {

// A directory has no inode here.
using Names = std::map<std::string, std::shared_ptr<FaultInode>>;

// "a//b/" and "./a/b" are "a/b". The parents of "a" and "/a" are "." and "/".
std::string clean_path(const std::string& path);
std::string parent_of(const std::string& clean);

// One change of names: `from` disappears and `to` appears; one of them may be empty.
struct NameChange {
  std::string from;
  std::string to;
  std::shared_ptr<FaultInode> inode;  // of a new name; none for a directory or a rename

  [[nodiscard]] std::set<std::string> dirs() const;
  void apply(Names* names) const;
};

// A random part of a journal that respects the order within each directory.
// kept[i] says whether change i happened.
std::vector<bool> choose_prefixes(const std::vector<NameChange>& journal, FaultRandom& random,
                                  uint64_t percent);
// Drops names whose directory does not exist.
void drop_orphans(Names* names);

class FaultDisk {
 public:
  explicit FaultDisk(const FaultOptions& o) : options(o) {}

  // Every operation begins here: counts it, and returns the armed fault's error, if any.
  Status enter(Op op, const std::string& path) STAVE_REQUIRES(mutex);
  [[nodiscard]] bool is_dir(const std::string& clean) const STAVE_REQUIRES(mutex);
  // not_found if the name does not exist or is a directory.
  Result<std::shared_ptr<FaultInode>> find(const std::string& path) STAVE_REQUIRES(mutex);
  void change_names(NameChange change) STAVE_REQUIRES(mutex);
  Result<std::shared_ptr<FaultInode>> make_file(const std::string& path) STAVE_REQUIRES(mutex);
  void sync_names_of(const std::string& dir) STAVE_REQUIRES(mutex);
  void writeback(uint64_t seed) STAVE_REQUIRES(mutex);
  // A file without name and handle gives its blocks back.
  void forget_if_unused(FaultInode& inode) STAVE_REQUIRES(mutex);
  void count_handle(FaultInode& inode) STAVE_REQUIRES(mutex) {
    ++inode.handles;
    ++open_files;
  }

  std::shared_ptr<FaultDisk> after_power_cut(uint64_t seed);
  std::shared_ptr<FaultDisk> after_kill9();

  const FaultOptions options;
  Mutex mutex;
  bool frozen STAVE_GUARDED_BY(mutex) = false;
  uint64_t operations_until_frozen STAVE_GUARDED_BY(mutex) = 0;  // 0: not armed
  std::vector<Fault> faults STAVE_GUARDED_BY(mutex);
  std::array<uint64_t, static_cast<size_t>(Op::count_)> counts STAVE_GUARDED_BY(mutex){};
  uint64_t free_space STAVE_GUARDED_BY(mutex) = 1ULL << 60;
  uint64_t open_files STAVE_GUARDED_BY(mutex) = 0;
  std::string network_fs STAVE_GUARDED_BY(mutex);
  std::set<std::string> locked_dirs STAVE_GUARDED_BY(mutex);

  Names names STAVE_GUARDED_BY(mutex);                      // what processes see
  Names durable_names STAVE_GUARDED_BY(mutex);              // what a power cut leaves for sure
  std::vector<NameChange> journal STAVE_GUARDED_BY(mutex);  // between the two, oldest first
  uint64_t next_inode STAVE_GUARDED_BY(mutex) = 1;
};

// fault_fs_file.cc. The caller holds the mutex and has counted a handle (count_handle).
std::unique_ptr<File> make_fault_file(std::shared_ptr<FaultDisk> disk,
                                      std::shared_ptr<FaultInode> inode, std::string path,
                                      Access access);

}  // namespace stave::test
