// Repair of a store that is not open, and of the indexes of one that is.

#include "engine/repair.h"

#include <filesystem>

#include "capi/handles.h"

using stave::copy_text;
using stave::guarded;
using stave::Status;

namespace {

stave_repair_report report_of(const stave::RepairReport& r) {
  stave_repair_report t{};
  t.changed = r.changed ? 1 : 0;
  t.manifest_rebuilt = r.manifest_rebuilt ? 1 : 0;
  t.reordered = r.reordered ? 1 : 0;
  t.files = r.files;
  t.files_kept = r.files_kept;
  t.files_rewritten = r.files_rewritten;
  t.files_missing = r.files_missing;
  t.files_left_out = r.files_left_out;
  t.records = r.records;
  t.bytes = r.bytes;
  t.lost_regions = r.lost_regions;
  t.lost_bytes = r.lost_bytes;
  t.lost_operations = r.lost_operations;
  t.lost_keys = r.lost_keys;
  t.tombstones_restored = r.tombstones_restored;
  t.hints_rebuilt = r.hints_rebuilt;
  t.last_seq = r.last_seq;
  copy_text(t.quarantine, r.quarantine);
  copy_text(t.first_problem, r.first_problem);
  return t;
}

}  // namespace

int stave_repair(const char* dir, const stave_options* options, stave_repair_report* report) {
  return guarded([&]() -> Status {
    if (report != nullptr) STAVE_RETURN_IF_ERROR(stave::fill_struct(report, stave_repair_report{}));
    if (dir == nullptr) return stave::null_argument("dir");
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(dir, error);
    const std::string name = error || dir[0] == '\0' ? dir : path.string();
    const stave::Options chosen = options != nullptr ? options->options : stave::Options{};
    stave::RepairReport made;
    const Status s =
        stave::repair_store(stave::posix_fs(), stave::system_clock(), name, chosen, &made);
    if (!s.ok() || report == nullptr) return s;
    return stave::fill_struct(report, report_of(made));
  });
}

int stave_rebuild_hints(stave_db* db) {
  return guarded([&]() -> Status {
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    return db->store->rebuild_hints();
  });
}
