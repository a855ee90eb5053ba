// What a crash leaves: copies of a FaultDisk, as the next process or the next boot finds it.
#include <functional>
#include <utility>

#include "support/fault_fs_disk.h"

namespace stave::test {
namespace {

using CopyInode = std::function<std::shared_ptr<FaultInode>(const FaultInode&)>;

// Every inode once, however many names (before and after a rename) it has.
class InodeCopies {
 public:
  explicit InodeCopies(CopyInode copy) : copy_(std::move(copy)) {}
  std::shared_ptr<FaultInode> operator()(const std::shared_ptr<FaultInode>& inode) {
    if (!inode) return nullptr;
    std::shared_ptr<FaultInode>& copied = copied_[inode.get()];
    if (!copied) copied = copy_(*inode);
    return copied;
  }
  Names operator()(const Names& names) {
    Names copies;
    for (const auto& [name, inode] : names) copies[name] = (*this)(inode);
    return copies;
  }

 private:
  CopyInode copy_;
  std::map<const FaultInode*, std::shared_ptr<FaultInode>> copied_;
};

void count_names(const Names& names) {
  for (const auto& [name, inode] : names) {
    if (inode) ++inode->names;
  }
}

}  // namespace

std::shared_ptr<FaultDisk> FaultDisk::after_power_cut(uint64_t seed) {
  FaultRandom random(seed);
  const uint64_t percent = random.survival_percent();
  InodeCopies copies(
      [&](const FaultInode& inode) { return inode.after_power_cut(random, percent); });
  auto after = std::make_shared<FaultDisk>(options);
  MutexLock lock(mutex);
  MutexLock lock_after(after->mutex);
  Names left = durable_names;
  const std::vector<bool> kept = choose_prefixes(journal, random, percent);
  for (size_t i = 0; i < journal.size(); ++i) {
    if (kept[i]) journal[i].apply(&left);
  }
  drop_orphans(&left);
  after->names = copies(left);
  after->durable_names = after->names;
  after->next_inode = next_inode;
  after->network_fs = network_fs;
  count_names(after->names);
  return after;
}

std::shared_ptr<FaultDisk> FaultDisk::after_kill9() {
  InodeCopies copies([](const FaultInode& inode) { return inode.after_kill9(); });
  auto after = std::make_shared<FaultDisk>(options);
  MutexLock lock(mutex);
  MutexLock lock_after(after->mutex);
  after->names = copies(names);
  after->durable_names = copies(durable_names);
  for (const NameChange& change : journal) {
    after->journal.push_back({change.from, change.to, copies(change.inode)});
  }
  after->next_inode = next_inode;
  after->network_fs = network_fs;
  count_names(after->names);
  return after;
}

}  // namespace stave::test
