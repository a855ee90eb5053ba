#include "engine/backup.h"

#include <algorithm>

#include "base/page_allocator.h"
#include "engine/recovery.h"
#include "io/overlay_fs.h"
#include "io/parent_of.h"

namespace stave {
namespace {

constexpr uint64_t kChunk = 1 << 20;

std::string without_slashes(std::string dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
  return dir;
}

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

// Whether what is there may be replaced.
Status Backup::check_present(Env& to, const std::vector<std::string>& names) {
  if (!contains(names, "MANIFEST")) {
    const bool foreign = std::any_of(names.begin(), names.end(), [](const std::string& name) {
      return name != "LOCK" && name != "MANIFEST.new" && name != "lost+found";
    });
    if (!foreign || contains(names, kBackupMarker)) return {};
    return {Code::exists, to.dir + " holds files that are no backup; name an empty or new one"};
  }
  auto present = load_manifest(to);
  if (!present.ok()) return present.status().with_context("the backup that is there");
  present_ = present.take();
  if (present_.uuid != manifest_.uuid) {
    return {Code::exists, to.dir + " holds another store (" + uuid_text(present_.uuid) + ")"};
  }
  if (present_.lineage != manifest_.lineage) {
    return {Code::exists, to.dir +
                              " was opened for writing, or was made before this store was "
                              "restored from a copy: it cannot be brought up to date; name "
                              "another directory"};
  }
  if (present_.lock_inode != 0) {
    return {Code::exists, to.dir + " holds this very store or a plain copy of it, no backup"};
  }
  return {};
}

// The directory is there, and what it holds may be replaced.
Status Backup::prepare(Env& to) {
  auto names = to.fs.list(to.dir);
  if (!names.ok() && !names.status().is(Code::not_found)) return names.status();
  if (names.ok()) return check_present(to, *names);
  Status made = to.fs.make_dir(to.dir);
  if (made.is(Code::not_found)) return {Code::io, made.message() + ": make its parent first"};
  return made;
}

Fs& Backup::fs_of(const Env& source) {
  const auto* over = dynamic_cast<const OverlayFs*>(source.own_fs.get());
  return over != nullptr ? over->below() : source.fs;
}

Status Backup::run(const std::string& dir, BackupReport* report) {
  Env to(fs_of(source_), source_.clock, without_slashes(dir), source_.options);
  STAVE_RETURN_IF_ERROR(prepare(to));
  auto lock = to.fs.lock(to.dir);
  if (!lock.ok()) return lock.status().with_context("the backup's directory");
  // Again, now that nobody else changes it.
  STAVE_RETURN_IF_ERROR(prepare(to));
  if (present_.files.empty()) STAVE_RETURN_IF_ERROR(mark(to));
  STAVE_RETURN_IF_ERROR(remove_leftovers(to, present_));
  Manifest made;
  STAVE_RETURN_IF_ERROR(bring_all(to, &made));
  bool uncertain = false;
  STAVE_RETURN_IF_ERROR(save_manifest(to, made, &uncertain));
  const Status unmarked = to.fs.unlink(to.path(kBackupMarker));
  if (!unmarked.ok() && !unmarked.is(Code::not_found)) return unmarked;
  STAVE_RETURN_IF_ERROR(remove_leftovers(to, made));
  report_.last_seq = snapshot_.seq;
  *report = report_;
  return {};
}

// Until MANIFEST is there, the next attempt must know whose files these are.
Status Backup::mark(Env& to) {
  // The directory's own name, too: who made it may have been killed right afterwards.
  STAVE_RETURN_IF_ERROR(to.fs.sync_dir(parent_of(to.dir)));
  auto marker = to.fs.create(to.path(kBackupMarker), 0644);
  if (!marker.ok() && !marker.status().is(Code::exists)) return marker.status();
  return to.fs.sync_dir(to.dir);
}

// A power cut may have taken from the store what the backup has. Then its files are not to be
// replaced one by one: until all are, it would be no store.
Status Backup::check_longer(const Env& to) const {
  const SegmentList& segments = snapshot_.version->segments;
  for (size_t i = 0; i < segments.size(); ++i) {
    for (const ManifestFile& there : present_.files) {
      if (there.id != segments[i]->id() || there.length <= snapshot_.tails[i]) continue;
      if (there.last_seq == snapshot_.last_seqs[i])
        continue;  // only a mark behind the last operation
      return {Code::exists,
              to.dir + " holds more of " + data_file_name(there.id) + " than " +
                  "the store, which lost it in an unclean end: it is left as it is; " +
                  "name another directory"};
    }
  }
  return {};
}

Status Backup::bring_all(Env& to, Manifest* out) {
  Manifest made = manifest_;
  made.files.clear();
  made.clean = true;
  made.lock_inode = 0;
  made.seq_floor = std::max(made.seq_floor, snapshot_.seq + 1);
  const SegmentList& segments = snapshot_.version->segments;
  STAVE_RETURN_IF_ERROR(check_longer(to));
  for (size_t i = 0; i < segments.size(); ++i) {
    if (snapshot_.tails[i] <= kFileHeaderSize) continue;
    const Segment& s = *segments[i];
    ManifestFile file{s.id(), s.header().origin, true, snapshot_.tails[i], snapshot_.last_seqs[i]};
    for (const ManifestFile& there : present_.files) {
      const bool same = there.id == file.id && there.last_seq == file.last_seq;
      if (same && there.length > file.length && kept(to, there)) file = there;
    }
    made.files.push_back(file);
    STAVE_RETURN_IF_ERROR(bring(to, s, made.files.back()));
  }
  *out = std::move(made);
  return to.fs.sync_dir(to.dir);
}

bool Backup::shared(Env& to, const std::string& name) const {
  auto ours = source_.fs.inode(source_.path(name));
  auto theirs = to.fs.inode(to.path(name));
  return ours.ok() && theirs.ok() && *ours == *theirs;
}

bool Backup::kept(Env& to, const ManifestFile& file) const {
  const auto there = std::find(present_.files.begin(), present_.files.end(), file);
  if (there == present_.files.end()) return false;
  if (links_ == Links::never && shared(to, data_file_name(file.id))) return false;
  auto open = to.fs.open(to.path(data_file_name(file.id)), Access::read);
  if (!open.ok()) return false;
  auto size = (*open)->size();
  return size.ok() && *size >= file.length;
}

Status Backup::bring(Env& to, const Segment& segment, const ManifestFile& file) {
  ++report_.files;
  report_.bytes += file.length;
  if (kept(to, file)) {
    ++report_.kept;
    if (links_ == Links::never && shared(to, hint_file_name(file.id))) {
      bring_hint(to, segment, file.length);
    }
    return step_(file.length);
  }
  STAVE_RETURN_IF_ERROR(link_or_copy(to, segment, file));
  bring_hint(to, segment, file.length);
  return {};
}

// Under a name of its own first: a file of that id may be there, shorter, and be in use.
Status Backup::link_or_copy(Env& to, const Segment& segment, const ManifestFile& file) {
  const std::string path = to.path(data_file_name(file.id));
  const std::string fresh = path + ".tmp";
  Status s = {Code::unsupported, ""};
  // Sealed since the snapshot, it may be longer than the backup says: not a file to share.
  const bool whole = segment.sealed() && segment.tail() == file.length;
  if (links_ == Links::allowed && whole) s = to.fs.link(segment.path(), fresh);
  if (s.ok()) {
    ++report_.linked;
    STAVE_RETURN_IF_ERROR(step_(file.length));
  } else if (s.is(Code::unsupported)) {
    STAVE_RETURN_IF_ERROR(copy(to, segment, fresh, file.length));
    ++report_.copied;
  } else {
    return s;
  }
  STAVE_RETURN_IF_ERROR(to.fs.rename(fresh, path));
  // Where both were names of one file already, renaming leaves both.
  s = to.fs.unlink(fresh);
  return s.is(Code::not_found) ? Status() : s;
}

Status Backup::copy(Env& to, const Segment& segment, const std::string& path, uint64_t length) {
  auto file = to.fs.create(path, 0644);
  if (!file.ok()) return file.status();
  PageBuffer buffer = make_page_buffer(kChunk);
  for (uint64_t at = 0; at < length;) {
    const uint64_t n = std::min(kChunk, length - at);
    STAVE_RETURN_IF_ERROR(segment.read_exact(at, buffer.get(), n));
    STAVE_RETURN_IF_ERROR((*file)->write(at, Bytes(buffer.get(), n)));
    (*file)->start_writeback(at, n);
    at += n;
    report_.bytes_copied += n;
    STAVE_RETURN_IF_ERROR(step_(n));
  }
  return (*file)->sync();
}

// Derived: without it, or with one that does not fit, the backup takes longer to open.
void Backup::bring_hint(Env& to, const Segment& segment, uint64_t length) {
  const std::string path = to.path(hint_file_name(segment.id()));
  (void)to.fs.unlink(path);
  if (!segment.sealed() || !segment.has_hint() || segment.tail() != length) return;
  if (links_ == Links::allowed && to.fs.link(segment.hint_path(), path).ok()) return;
  auto from = source_.fs.open(segment.hint_path(), Access::read);
  if (!from.ok()) return;
  auto size = (*from)->size();
  auto file = size.ok() ? to.fs.create(path, 0644) : Result<std::unique_ptr<File>>(size.status());
  if (!file.ok()) return;
  PageBuffer buffer = make_page_buffer(kChunk);
  for (uint64_t at = 0; at < *size;) {
    size_t got = 0;
    if (!(*from)->read(at, buffer.get(), std::min(kChunk, *size - at), &got).ok() || got == 0)
      return;
    if (!(*file)->write(at, Bytes(buffer.get(), got)).ok()) return;
    at += got;
    report_.bytes_copied += got;
  }
  (void)(*file)->sync();
}

}  // namespace stave
