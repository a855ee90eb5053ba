#include "harness.h"

#define TRY(call) \
  if ((call) != expected || stave_last_error()[0] == '\0') return #call
#define CLEARED(condition) \
  if (!(condition)) return "not cleared: " #condition

static const char* reads(int expected, stave_db* db) {
  void* own = &own;
  size_t length = 99;
  TRY(stave_get(db, "k", 1, &own, &length));
  CLEARED(own == NULL && length == 0);
  char buffer[8];
  own = &own;
  length = 99;
  TRY(stave_get_into(db, "k", 1, buffer, sizeof buffer, &length, &own));
  CLEARED(own == NULL && length == 0);
  const stave_slice key = {"k", 1};
  stave_value value = {buffer, 99, 0};
  own = &own;
  TRY(stave_multi_get(db, &key, 1, buffer, sizeof buffer, &value, &own));
  CLEARED(own == NULL && value.data == NULL && value.length == 0 && value.code == expected);
  stave_pin* pin = (stave_pin*)&own;
  TRY(stave_get_pinned(db, "k", 1, &pin));
  CLEARED(pin == NULL);
  int exists = 99;
  TRY(stave_exists(db, "k", 1, &exists));
  CLEARED(exists == 0);
  uint64_t bytes = 99;
  uint64_t keys = 99;
  TRY(stave_count_range(db, NULL, 0, NULL, 0, &keys));
  CLEARED(keys == 0);
  keys = 99;
  TRY(stave_approximate_size(db, NULL, 0, NULL, 0, &bytes, &keys));
  CLEARED(bytes == 0 && keys == 0);
  stave_iter* it = (stave_iter*)&own;
  TRY(stave_iter_create(db, NULL, 0, &it));
  CLEARED(it == NULL);
  it = (stave_iter*)&own;
  TRY(stave_iter_open(db, NULL, &it));
  CLEARED(it == NULL);
  stave_snapshot* snapshot = (stave_snapshot*)&own;
  TRY(stave_snapshot_create(db, &snapshot));
  CLEARED(snapshot == NULL);
  stave_feed* feed = (stave_feed*)&own;
  TRY(stave_feed_open(db, 0, &feed));
  CLEARED(feed == NULL);
  return NULL;
}

static const char* writes(int expected, stave_db* db) {
  TRY(stave_put(db, "k", 1, "v", 1, 0));
  const stave_slice key = {"k", 1};
  size_t stored = 99;
  TRY(stave_put_many(db, &key, &key, 1, 0, &stored));
  CLEARED(stored == 0);
  TRY(stave_delete(db, "k", 1, 0));
  TRY(stave_delete_range(db, "a", 1, "z", 1, 0));
  TRY(stave_delete_prefix(db, "a", 1, 0));
  TRY(stave_clear(db, 0));
  TRY(stave_sync(db));
  TRY(stave_merge(db, 0));
  TRY(stave_merge(db, STAVE_MERGE_UNCAPPED));
  TRY(stave_merge(db, STAVE_MERGE_UNCAPPED | STAVE_MERGE_SORT));
  TRY(stave_merge_pause(db));
  TRY(stave_merge_resume(db));
  TRY(stave_refresh(db));
  TRY(stave_rebuild_hints(db));
  stave_batch* batch = NULL;
  if (stave_batch_create(&batch) != STAVE_OK) return "stave_batch_create";
  int code = stave_batch_put(batch, "k", 1, "v", 1);
  int written = stave_write(db, batch, 0);
  stave_batch_destroy(batch);
  if (code != STAVE_OK) return "stave_batch_put";
  return written == expected ? NULL : "stave_write(db, batch, 0)";
}

static const char* entries(int expected, stave_db* db) {
  stave_entry entry;
  memset(&entry, 0x5a, sizeof entry);
  entry.size = sizeof entry;
  void* own = &own;
  size_t length = 99;
  TRY(stave_get_entry(db, "k", 1, &entry, &own, &length));
  CLEARED(own == NULL && length == 0 && entry.version == 0 && entry.value_length == 0);
  int64_t ttl = 99;
  TRY(stave_ttl(db, "k", 1, &ttl));
  CLEARED(ttl == 0);
  TRY(stave_put_until(db, "k", 1, "v", 1, 0, 0));
  TRY(stave_put_ttl(db, "k", 1, "v", 1, 1, 0));
  TRY(stave_touch(db, "k", 1, 1, 0));
  TRY(stave_persist(db, "k", 1, 0));
  return NULL;
}

static const char* updates(int expected, stave_db* db) {
  TRY(stave_put_if_absent(db, "k", 1, "v", 1, 0));
  TRY(stave_compare_and_set(db, "k", 1, "v", 1, "w", 1, 0));
  uint64_t version = 99;
  TRY(stave_put_if_version(db, "k", 1, 0, "v", 1, 0, &version));
  CLEARED(version == 0);
  TRY(stave_delete_if_value(db, "k", 1, "v", 1, 0));
  TRY(stave_delete_if_version(db, "k", 1, 1, 0));
  void* own = &own;
  size_t length = 99;
  TRY(stave_get_and_set(db, "k", 1, "v", 1, 0, &own, &length));
  CLEARED(own == NULL && length == 0);
  own = &own;
  length = 99;
  TRY(stave_get_and_delete(db, "k", 1, 0, &own, &length));
  CLEARED(own == NULL && length == 0);
  int64_t sum = 99;
  TRY(stave_increment(db, "k", 1, 1, 0, &sum));
  CLEARED(sum == 0);
  length = 99;
  TRY(stave_append(db, "k", 1, "v", 1, 0, &length));
  CLEARED(length == 0);
  return NULL;
}

static const char* reports(int expected, stave_db* db) {
  stave_stats stats;
  memset(&stats, 0x5a, sizeof stats);
  stats.size = sizeof stats;
  TRY(stave_get_stats(db, &stats));
  CLEARED(stats.keys == 0 && stats.merge_last_error[0] == '\0');
  stave_files* files = (stave_files*)&stats;
  TRY(stave_files_create(db, &files));
  CLEARED(files == NULL);
  stave_log_event event;
  memset(&event, 0x5a, sizeof event);
  event.size = sizeof event;
  TRY(stave_next_log_event(db, &event));
  CLEARED(event.message[0] == '\0' && event.time_ms == 0);
  stave_progress progress;
  memset(&progress, 0x5a, sizeof progress);
  progress.size = sizeof progress;
  TRY(stave_get_progress(db, &progress));
  CLEARED(progress.active == 0 && progress.total == 0);
  stave_verify_report report;
  memset(&report, 0x5a, sizeof report);
  report.size = sizeof report;
  stave_backup_report backup = {.size = sizeof backup, .files = 9};
  TRY(stave_backup(db, "/nowhere/at/all", 0, &backup));
  CLEARED(backup.files == 0);
  TRY(stave_checkpoint(db, "/nowhere/at/all"));
  TRY(stave_checkpoint(db, "/")); /* that it exists is no answer of a store that is closed */
  TRY(stave_verify(db, &report));
  CLEARED(report.problems == 0 && report.records == 0 && report.first_problem[0] == '\0');
  return NULL;
}

const char* first_call_not_returning(int expected, stave_db* db) {
  const char* wrong = reads(expected, db);
  if (wrong == NULL) wrong = writes(expected, db);
  if (wrong == NULL) wrong = entries(expected, db);
  if (wrong == NULL) wrong = updates(expected, db);
  return wrong != NULL ? wrong : reports(expected, db);
}
