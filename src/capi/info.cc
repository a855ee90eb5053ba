// Statistics, file lists, log events, progress, verify.

#include "capi/handles.h"

using stave::Code;
using stave::copy_text;
using stave::guarded;
using stave::Status;

namespace {

stave_stats stats_of(const stave::StoreStatistics& s) {
  stave_stats t{};
  t.read_only = s.read_only ? 1 : 0;
  t.keys = s.keys;
  t.files = s.files;
  t.disk_bytes = s.disk_bytes;
  t.live_bytes = s.live_bytes;
  t.dead_bytes = s.dead_bytes;
  t.last_seq = s.last_seq;
  t.durable_seq = s.durable_seq;
  t.keydir_bytes = s.keydir_bytes;
  t.puts = s.puts;
  t.gets = s.gets;
  t.deletes = s.deletes;
  t.syncs = s.syncs;
  t.merges = s.merge.merges;
  t.merges_failed = s.merge.failed;
  t.merge_bytes_read = s.merge.bytes_read;
  t.merge_bytes_written = s.merge.bytes_written;
  t.merge_last_ms = s.merge.last_ms;
  t.open_micros = s.open_micros;
  t.merge_running = s.merge.running ? 1 : 0;
  t.merge_paused = s.merge.paused ? 1 : 0;
  t.opened_clean = s.opened_clean ? 1 : 0;
  t.poisoned = s.poisoned ? 1 : 0;
  t.quarantined_bytes = s.quarantined_bytes;
  copy_text(t.merge_last_error, s.merge.last_error);
  t.salvage_lost_regions = s.salvage_lost_regions;
  t.salvage_lost_bytes = s.salvage_lost_bytes;
  return t;
}

stave_file_info info_of(const stave::FileStatistics& f) {
  stave_file_info i{};
  i.state = f.sealed ? STAVE_FILE_SEALED : f.active ? STAVE_FILE_ACTIVE : STAVE_FILE_UNSEALED;
  i.id = f.id;
  i.merged = f.merged ? 1 : 0;
  i.has_hint = f.has_hint ? 1 : 0;
  i.bytes = f.bytes;
  i.live_bytes = f.live_bytes;
  i.dead_bytes = f.dead_bytes;
  i.live_records = f.live_records;
  i.dead_records = f.dead_records;
  i.tombstones = f.tombstones;
  i.first_seq = f.first_seq;
  i.last_seq = f.last_seq;
  copy_text(i.merge_note, f.merge_note);
  return i;
}

// A call that answers in the caller's struct, which is set on every return: to `answer` as it is
// now, and then to what body(store, &answer) makes of it, also where that returns an error.
template <typename T, typename Body>
int answer_in(T* to, const char* name, T answer, stave_db* db, const Body& body) {
  return guarded([&]() -> Status {
    if (to == nullptr) return stave::null_argument(name);
    STAVE_RETURN_IF_ERROR(stave::fill_struct(to, answer));
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    const Status s = body(*db->store, &answer);
    STAVE_RETURN_IF_ERROR(stave::fill_struct(to, answer));
    return s;
  });
}

}  // namespace

int stave_get_stats(stave_db* db, stave_stats* stats) {
  return answer_in(stats, "stats", stave_stats{}, db, [](stave::Store& store, stave_stats* to) {
    stave::StoreStatistics s;
    Status status = store.statistics(&s);
    if (status.ok()) *to = stats_of(s);
    return status;
  });
}

int stave_files_create(stave_db* db, stave_files** out) {
  return guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    STAVE_RETURN_IF_ERROR(stave::check_db(db));
    auto list = std::make_unique<stave_files>();
    STAVE_RETURN_IF_ERROR(db->store->files(&list->files));
    *out = list.release();
    return {};
  });
}

size_t stave_files_count(const stave_files* files) {
  return files != nullptr ? files->files.size() : 0;
}

int stave_files_at(const stave_files* files, size_t index, stave_file_info* info) {
  return guarded([&]() -> Status {
    if (info == nullptr) return stave::null_argument("info");
    STAVE_RETURN_IF_ERROR(stave::fill_struct(info, stave_file_info{}));
    if (files == nullptr) return stave::null_argument("files");
    if (index >= files->files.size()) {
      return {Code::invalid_argument, "there is no file number " + std::to_string(index) +
                                          " in the list (it has " +
                                          std::to_string(files->files.size()) + ")"};
    }
    return stave::fill_struct(info, info_of(files->files[index]));
  });
}

void stave_files_destroy(stave_files* files) { delete files; }

int stave_next_log_event(stave_db* db, stave_log_event* event) {
  return answer_in(event, "event", stave_log_event{}, db,
                   [](stave::Store& store, stave_log_event* to) {
                     stave::LogEvent next;
                     const bool found = store.next_log_event(&next, &to->dropped);
                     to->level = found ? static_cast<int32_t>(next.level) : 0;
                     to->time_ms = next.time_ms;
                     copy_text(to->message, next.message);
                     if (found) return Status();
                     return Status::answer(store.closed() ? Code::closed : Code::not_found);
                   });
}

int stave_get_progress(stave_db* db, stave_progress* progress) {
  stave_progress none{};
  none.task = "";
  return answer_in(progress, "progress", none, db, [](stave::Store& store, stave_progress* to) {
    stave::Progress now;
    STAVE_RETURN_IF_ERROR(store.progress(&now));
    to->active = now.total != 0 || now.task[0] != '\0' ? 1 : 0;
    to->task = now.task;
    to->done = now.done;
    to->total = now.total;
    return Status();
  });
}

int stave_verify(stave_db* db, stave_verify_report* report) {
  return answer_in(report, "report", stave_verify_report{}, db,
                   [](stave::Store& store, stave_verify_report* to) {
                     stave::VerifyReport v;
                     Status s = store.verify(&v);
                     if (!s.ok() && !s.is(Code::corrupt)) return s;
                     to->problems = static_cast<uint32_t>(v.problems());
                     to->files = v.files;
                     to->records = v.records;
                     to->bytes = v.bytes;
                     to->hints = v.hints;
                     to->bad_records = v.bad_records;
                     to->bad_hints = v.bad_hints;
                     to->bad_keys = v.bad_keys;
                     copy_text(to->first_problem, v.first_problem);
                     return s;
                   });
}
