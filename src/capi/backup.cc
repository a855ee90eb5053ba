// Backups and checkpoints.

#include "engine/backup.h"

#include <filesystem>

#include "capi/handles.h"

using stave::Code;
using stave::guarded;
using stave::Status;

// Absolute, as the store's own directory is.
static Status directory(const char* dir, std::string* out) {
  if (dir == nullptr) return stave::null_argument("dir");
  if (dir[0] == '\0') return {Code::invalid_argument, "the directory's name is empty"};
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(dir, error);
  *out = error ? dir : path.string();
  return {};
}

int stave_backup(stave_db* db, const char* dir, uint32_t flags, stave_backup_report* report) {
  return guarded([&]() -> Status {
    stave_backup_report answer{};
    if (report != nullptr) STAVE_RETURN_IF_ERROR(stave::fill_struct(report, answer));
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    std::string path;
    STAVE_RETURN_IF_ERROR(directory(dir, &path));
    if ((flags & ~STAVE_BACKUP_COPY) != 0) {
      return {Code::invalid_argument,
              "flags are " + std::to_string(flags) + "; allowed are 0 or STAVE_BACKUP_COPY"};
    }
    stave::BackupReport made;
    STAVE_RETURN_IF_ERROR(db->store->backup(path, (flags & STAVE_BACKUP_COPY) == 0, &made));
    answer.files = made.files;
    answer.files_linked = made.linked;
    answer.files_copied = made.copied;
    answer.files_kept = made.kept;
    answer.bytes = made.bytes;
    answer.bytes_copied = made.bytes_copied;
    answer.last_seq = made.last_seq;
    return report != nullptr ? stave::fill_struct(report, answer) : Status();
  });
}

int stave_checkpoint(stave_db* db, const char* dir) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    std::string path;
    STAVE_RETURN_IF_ERROR(directory(dir, &path));
    return db->store->checkpoint(path);
  });
}
