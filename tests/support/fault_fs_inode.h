// One file of FaultFs: its page cache, its pages on the disk, and what of the cache is dirty.
// Not thread-safe: FaultDisk's mutex protects it. Only mappings reach the cache without it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/fault_fs.h"
#include "support/fault_fs_arena.h"
#include "support/fault_fs_random.h"

namespace stave::test {

class FaultInode {
 public:
  FaultInode(uint64_t id, const FaultOptions& options);

  [[nodiscard]] uint64_t id() const { return id_; }
  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] uint64_t reserve() const { return options_.reserve; }
  [[nodiscard]] const std::shared_ptr<FaultArena>& arena() const { return arena_; }

  // The page cache. Callers keep to reserve().
  void resize(uint64_t length);
  [[nodiscard]] uint64_t read(uint64_t offset, char* to, uint64_t n) const;
  void write(uint64_t offset, const char* from, uint64_t n);
  void note_writable_mapping() { mapped_ = true; }

  // Space. claim gives pages of [offset, offset + length) blocks, in order, while *free lasts,
  // and returns the length of the prefix that has them.
  [[nodiscard]] uint64_t missing_bytes(uint64_t offset, uint64_t length) const;
  uint64_t claim(uint64_t offset, uint64_t length, uint64_t* free);
  uint64_t release_from(uint64_t length);  // bytes freed

  // The disk.
  void sync();
  void lose_dirty_pages();
  void writeback(FaultRandom& random, uint64_t percent);
  void flip_bit(uint64_t offset, unsigned bit);
  [[nodiscard]] std::shared_ptr<FaultInode> after_power_cut(FaultRandom& random,
                                                            uint64_t percent) const;
  [[nodiscard]] std::shared_ptr<FaultInode> after_kill9() const;

  uint32_t names = 0;    // in the directory that processes see
  uint32_t handles = 0;  // open files

 private:
  using Page = std::shared_ptr<const std::string>;  // none: zeros

  [[nodiscard]] uint64_t pages(uint64_t length) const;
  [[nodiscard]] char* cached(uint64_t page) const;
  [[nodiscard]] std::string copy_of(uint64_t page) const;
  [[nodiscard]] bool is_dirty(uint64_t page) const;
  [[nodiscard]] std::vector<uint64_t> dirty_pages() const;
  [[nodiscard]] uint64_t random_length(FaultRandom& random, uint64_t percent) const;
  void put_on_disk(uint64_t page, std::string bytes);
  void set_disk_size(uint64_t length);
  void fill_cache_from_disk();

  const uint64_t id_;
  const FaultOptions options_;
  std::shared_ptr<FaultArena> arena_;
  uint64_t size_ = 0;
  std::vector<bool> blocks_;
  bool mapped_ = false;         // ever, for writing: then any page may be dirty
  std::set<uint64_t> touched_;  // else these may be

  std::vector<Page> disk_;
  uint64_t disk_size_ = 0;
  std::map<uint64_t, std::string> lost_;  // pages that a failed sync dropped, as they were
};

}  // namespace stave::test
