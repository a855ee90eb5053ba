// Backups and checkpoints of an open store.

#include "engine/backup.h"
#include "engine/store.h"
#include "engine/task_progress.h"
#include "io/place.h"

namespace stave {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
// Of a read-only store, whose files a writer in another process may merge away at any time.
constexpr int kTries = 20;

bool is_a_name_of_ours(Bytes name) {
  uint64_t id = 0;
  return parse_data_file_name(name, &id) || parse_hint_file_name(name, &id) ||
         name.ends_with(".tmp") || name.starts_with("MANIFEST") || name == "KEYDIR" ||
         name == "LOCK" || name == kBackupMarker;
}

// A directory that is named as a file of the store would keep it from being opened.
Status check_place(const Env& env, const std::string& dir) {
  const auto name = name_inside(dir, env.dir);
  if (!name) return {};
  if (name->empty()) {
    return {Code::exists, dir + " holds this very store; name another directory"};
  }
  if (!is_a_name_of_ours(*name)) return {};
  return {Code::invalid_argument, dir + ": the store in " + env.dir + " has files named like " +
                                      *name + "; name a directory outside it"};
}

}  // namespace

Manifest Store::manifest_now() {
  if (catalog_) return catalog_->manifest();
  MutexLock lock(refresh_mutex_);
  return view_.load(std::memory_order_acquire)->manifest;
}

Status Store::backup(const std::string& dir, bool may_link, BackupReport* report) {
  *report = {};
  const Epoch::Guard call(calls_);
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  STAVE_RETURN_IF_ERROR(check_place(*env_, dir));
  const auto links = may_link ? Backup::Links::allowed : Backup::Links::never;
  Status s;
  for (int i = 0; i < kTries; ++i) {
    Snapshot snapshot = snapshot_now();
    uint64_t total = 0;
    for (uint64_t tail : snapshot.tails) total += tail;
    const TaskProgress shown(backup_done_, backup_total_, total);
    // After the snapshot: ids and floors may only be higher.
    Backup backup(*env_, std::move(snapshot), manifest_now(), links, [this](uint64_t bytes) {
      backup_done_.fetch_add(bytes, kRelaxed);
      if (!closed_.load(kRelaxed)) return Status();
      return Status(Code::cancelled, "the store is being closed");
    });
    s = backup.run(dir, report);
    if (!s.is(Code::not_found) || writer_) break;
    STAVE_RETURN_IF_ERROR(refresh());
  }
  return s.is(Code::not_found) ? Status(Code::io, s.message(), s.system_errno()) : s;
}

Status Store::checkpoint(const std::string& dir) {
  if (closed_.load(std::memory_order_seq_cst)) return closed_status();
  STAVE_RETURN_IF_ERROR(check_place(*env_, dir));
  auto there = Backup::fs_of(*env_).exists(dir);
  if (!there.ok()) return there.status();
  if (*there) return {Code::exists, dir + " exists; name a directory that does not"};
  BackupReport ignored;
  return backup(dir, true, &ignored);
}

}  // namespace stave
