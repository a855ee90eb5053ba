// A copy of a store at one moment, in another directory, made beside everything else that goes on.
//
// Sealed files never change: they are linked where the file system can, else copied. Of the
// others the records up to the tail are copied, and the copy counts as sealed. MANIFEST comes
// last, so the directory holds the backup before or the new one, whole, at every moment.
//
// Of a store opened with salvage the bytes are copied that it shows, to the file system below its
// own: what it shows is in memory, and files that are whole lie in the damaged store.
//
// Invariants
//  B1. A file named by the backup's MANIFEST is durable before that MANIFEST.
//  B2. Files of the backup before are replaced only by longer ones of the same id (the bytes up to
//      the old length are the same), and removed only once the new MANIFEST is durable.
//  B3. The backup's MANIFEST never has the inode of a LOCK, so that a writer that opens it begins
//      a lineage of its own, and no later backup mistakes it for its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/env.h"
#include "engine/iterator.h"
#include "format/manifest.h"

namespace stave {

struct BackupReport {
  uint64_t files = 0, linked = 0, copied = 0, kept = 0;
  uint64_t bytes = 0;         // of all files
  uint64_t bytes_copied = 0;  // written for it
  uint64_t last_seq = 0;      // the newest operation in it
};

// The name of a file: a directory that has it and no MANIFEST is a backup that was interrupted.
inline constexpr const char* kBackupMarker = "BACKUP";

class Backup {
 public:
  enum class Links : uint8_t { allowed, never };
  // Returns an error to stop; called with bytes dealt with.
  using Step = std::function<Status(uint64_t bytes)>;

  // `source`: the store's; `manifest`: of the moment of `snapshot` or later.
  Backup(Env& source, Snapshot snapshot, Manifest manifest, Links links, Step step)
      : source_(source),
        snapshot_(std::move(snapshot)),
        manifest_(std::move(manifest)),
        links_(source.own_fs ? Links::never : links),
        step_(std::move(step)) {}

  // Into `dir`, which is made if it is missing; where it holds a backup of the same store
  // already, files that it has are kept. not_found: a file of a read-only store's snapshot has
  // gone; take another one.
  Status run(const std::string& dir, BackupReport* report);

  // Where backups of `source` go.
  static Fs& fs_of(const Env& source);

 private:
  Status prepare(Env& to);
  Status check_present(Env& to, const std::vector<std::string>& names);
  static Status mark(Env& to);
  Status bring_all(Env& to, Manifest* out);
  Status bring(Env& to, const Segment& segment, const ManifestFile& file);
  // Whether both stores have that file in common, as a link.
  [[nodiscard]] bool shared(Env& to, const std::string& name) const;
  [[nodiscard]] Status check_longer(const Env& to) const;
  [[nodiscard]] bool kept(Env& to, const ManifestFile& file) const;
  Status link_or_copy(Env& to, const Segment& segment, const ManifestFile& file);
  Status copy(Env& to, const Segment& segment, const std::string& path, uint64_t length);
  void bring_hint(Env& to, const Segment& segment, uint64_t length);

  Env& source_;
  const Snapshot snapshot_;
  Manifest manifest_;
  const Links links_;
  const Step step_;
  Manifest present_;  // of the backup that is there
  BackupReport report_;
};

}  // namespace stave
