/* Backups: one moment of the store, openable, incremental, and never a mixture of two. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

enum { kKeys = 1500, kSize = 200 };

#define SMALL_FILES "max_file_size", "64KiB", "merge.policy", "never"

static stave_backup_report backup(stave_db* db, const char* dir, uint32_t flags) {
  stave_backup_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_backup(db, dir, flags, &report));
  return report;
}

/* Holds round `round` of kKeys keys and nothing else, and is whole. */
static void expect_store(const char* dir, unsigned round) {
  stave_db* db = NULL;
  expect(STAVE_OK, open_at(dir, &db, "read_only", "true", NULL));
  expect_many(db, kKeys, kSize, round);
  assert_int_equal(count_keys(db), kKeys);
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  close_store(db);
}

static void a_backup_is_the_store_of_that_moment(void** state) {
  scratch* s = *state;
  const char* dir = path_beside(s, "backup");
  stave_db* db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 1);
  const stave_backup_report report = backup(db, dir, 0);
  assert_int_equal(report.last_seq, kKeys);
  assert_int_equal(report.files, report.files_linked + report.files_copied);
  assert_true(report.files_linked > 0 && report.bytes > report.bytes_copied);
  put_many(db, kKeys, kSize, 2);
  expect_store(dir, 1);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_store(dir, 1);
  close_store(db);
  expect_store(dir, 1);
  assert_int_equal(files_ending(dir, "KEYDIR").count, 0);
  assert_int_equal(files_ending(dir, "BACKUP").count, 0);
}

static void an_empty_store_has_a_backup_too(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  const stave_backup_report report = backup(db, path_beside(s, "backup"), 0);
  assert_int_equal(report.files, 0);
  stave_db* copy = NULL;
  expect(STAVE_OK, open_at(path_beside(s, "backup"), &copy, "read_only", "true", NULL));
  assert_int_equal(count_keys(copy), 0);
  close_store(copy);
  put_text(db, "a", "1");
  assert_int_equal(backup(db, path_beside(s, "backup"), 0).files, 1);
  close_store(db);
}

static void copies_share_nothing(void** state) {
  scratch* s = *state;
  const char* dir = path_beside(s, "backup");
  stave_db* db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 1);
  const stave_backup_report report = backup(db, dir, STAVE_BACKUP_COPY);
  assert_int_equal(report.files_linked, 0);
  assert_true(report.bytes_copied >= report.bytes);
  const file_names logs = files_ending(dir, ".log");
  for (size_t i = 0; i < logs.count; i++) {
    struct stat st;
    char path[400];
    snprintf(path, sizeof path, "%s/%s", dir, logs.name[i]);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_nlink, 1);
  }
  close_store(db);
  expect_store(dir, 1);
}

static uint64_t bytes_of_file(const char* dir, const char* name, unsigned* links) {
  struct stat st;
  char path[400];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  assert_int_equal(stat(path, &st), 0);
  *links = (unsigned)st.st_nlink;
  return (uint64_t)st.st_size;
}

static void copies_take_the_place_of_links(void** state) {
  scratch* s = *state;
  const char* dir = path_beside(s, "backup");
  stave_db* db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 1);
  assert_true(backup(db, dir, 0).files_linked > 0);
  backup(db, dir, STAVE_BACKUP_COPY);
  unsigned links = 0;
  const file_names logs = files_ending(dir, ".log");
  const file_names hints = files_ending(dir, ".hint");
  for (size_t i = 0; i < logs.count; i++) {
    bytes_of_file(dir, logs.name[i], &links);
    assert_int_equal(links, 1);
  }
  for (size_t i = 0; i < hints.count; i++) {
    bytes_of_file(dir, hints.name[i], &links);
    assert_int_equal(links, 1);
  }
  close_store(db);
  expect_store(dir, 1);
}

typedef struct places {
  const char* store;
  const char* dir;
} places;

static int fill_and_back_up(void* argument) {
  const places* at = argument;
  stave_db* db = NULL;
  if (open_at(at->store, &db, "merge.policy", "never", NULL) != STAVE_OK) return 1;
  put_many(db, kKeys, kSize, 1);
  return stave_backup(db, at->dir, STAVE_BACKUP_COPY, NULL) == STAVE_OK ? 0 : 2;
}

/* The store lost in an unclean end what the backup has. */
static void a_backup_that_has_more_is_left_alone(void** state) {
  scratch* s = *state;
  places at = {s->store, path_beside(s, "backup")};
  assert_int_equal(in_child(fill_and_back_up, &at), 0);
  const file_names logs = files_ending(s->store, ".log");
  char path[400];
  snprintf(path, sizeof path, "%s/%s", s->store, logs.name[0]);
  assert_int_equal(truncate(path, kKeys * kSize / 2), 0);
  stave_db* db = open_store(s, NULL);
  assert_true(stats_of(db).keys < kKeys);
  expect(STAVE_EXISTS, stave_backup(db, at.dir, 0, NULL));
  expect_text("holds more");
  close_store(db);
  expect_store(at.dir, 1);
}

static void the_next_one_brings_only_what_is_new(void** state) {
  scratch* s = *state;
  const char* dir = path_beside(s, "backup");
  stave_db* db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 1);
  const stave_backup_report first = backup(db, dir, STAVE_BACKUP_COPY);
  put_many(db, kKeys, kSize, 2);
  const stave_backup_report second = backup(db, dir, STAVE_BACKUP_COPY);
  assert_true(second.files_kept >= first.files - 2);
  assert_true(second.bytes_copied < second.bytes);
  expect_store(dir, 2);
  /* What a merge took away goes from the backup too. */
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  const stave_backup_report third = backup(db, dir, 0);
  assert_int_equal(files_ending(dir, ".log").count, third.files);
  expect_store(dir, 2);
  const stave_backup_report again = backup(db, dir, 0);
  assert_true(again.files_kept >= again.files - 1);
  close_store(db);
  db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 3);
  backup(db, dir, 0);
  close_store(db);
  expect_store(dir, 3);
}

static void a_backup_that_was_written_to_is_a_store_of_its_own(void** state) {
  scratch* s = *state;
  const char* dir = path_beside(s, "backup");
  stave_db* db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 1);
  backup(db, dir, 0);
  stave_db* copy = NULL;
  expect(STAVE_OK, open_at(dir, &copy, SMALL_FILES, NULL));
  expect(STAVE_BUSY, stave_backup(db, dir, 0, NULL));
  put_many(copy, kKeys, kSize, 2);
  expect(STAVE_OK, stave_merge(copy, STAVE_MERGE_UNCAPPED));
  close_store(copy);
  expect_many(db, kKeys, kSize, 1); /* the links' other names are unharmed */
  expect(STAVE_EXISTS, stave_backup(db, dir, 0, NULL));
  expect_text("opened for writing");
  close_store(db);
  expect_store(s->store, 1);
  expect_store(dir, 2);
}

static void other_directories_are_left_alone(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "a", "1");
  char dir[256];
  snprintf(dir, sizeof dir, "%s", path_beside(s, "other"));
  assert_int_equal(mkdir(dir, 0755), 0);
  write_whole(dir, "letter", "x", 1);
  expect(STAVE_EXISTS, stave_backup(db, dir, 0, NULL));
  expect_text("no backup");
  assert_true(file_exists(dir, "letter") && !file_exists(dir, "MANIFEST"));
  remove_file(dir, "letter");
  backup(db, dir, 0);
  expect(STAVE_EXISTS, stave_backup(db, s->store, 0, NULL));
  stave_db* another = NULL;
  expect(STAVE_OK, open_at(path_beside(s, "another"), &another, NULL));
  put_text(another, "b", "2");
  close_store(another);
  expect(STAVE_EXISTS, stave_backup(db, path_beside(s, "another"), 0, NULL));
  expect_text("another store");
  expect(STAVE_IO, stave_backup(db, path_beside(s, "no/such/parent"), 0, NULL));
  expect_text("parent");
  expect(STAVE_INVALID_ARGUMENT, stave_backup(db, "", 0, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_backup(db, dir, 2, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_backup(db, NULL, 0, NULL));
  expect(STAVE_EXISTS, stave_checkpoint(db, dir));
  expect(STAVE_OK, stave_checkpoint(db, path_beside(s, "checkpoint")));
  close_store(db);
  stave_db* checkpoint = NULL;
  expect(STAVE_OK, open_at(path_beside(s, "checkpoint"), &checkpoint, NULL));
  expect_holds(checkpoint, "a", "1");
  close_store(checkpoint);
}

/* An attempt that ended early leaves files without MANIFEST, or some that it does not name. */
static void an_interrupted_one_is_begun_again(void** state) {
  scratch* s = *state;
  const char* dir = path_beside(s, "backup");
  stave_db* db = open_store(s, SMALL_FILES, NULL);
  put_many(db, kKeys, kSize, 1);
  assert_int_equal(mkdir(dir, 0755), 0);
  write_whole(dir, "BACKUP", "", 0);
  write_whole(dir, "0000000001.log", "half", 4);
  write_whole(dir, "0000000002.log.tmp", "half", 4);
  stave_db* half = NULL;
  expect(STAVE_NO_STORE, open_at(dir, &half, NULL));
  expect_text("interrupted");
  backup(db, dir, 0);
  expect_store(dir, 1);
  put_many(db, kKeys, kSize, 2);
  for (unsigned id = 1; id < 99; id++) {
    char name[32];
    snprintf(name, sizeof name, "%010u.log.tmp", id);
    write_whole(dir, name, "half", 4);
    snprintf(name, sizeof name, "%010u.log", id);
    if (!file_exists(dir, name)) write_whole(dir, name, "half", 4);
  }
  expect_store(dir, 1);
  backup(db, dir, 0);
  assert_int_equal(files_ending(dir, ".tmp").count, 0);
  close_store(db);
  expect_store(dir, 2);
}

typedef struct writing {
  stave_db* db;
  atomic_int stop;
  int code;
} writing;

/* Every batch puts the same number under all names: a moment shows one number. */
enum { kNames = 20 };

static void* write_batches(void* argument) {
  writing* w = argument;
  stave_batch* batch = NULL;
  w->code = stave_batch_create(&batch);
  for (uint64_t n = 1; w->code == STAVE_OK && atomic_load(&w->stop) == 0; n++) {
    stave_batch_clear(batch);
    for (unsigned i = 0; i < kNames; i++) {
      char key[16];
      const int length = snprintf(key, sizeof key, "name-%02u", i);
      stave_batch_put(batch, key, (size_t)length, &n, sizeof n);
    }
    w->code = stave_write(w->db, batch, 0);
    if (n % 2000 == 0 && w->code == STAVE_OK) w->code = stave_merge(w->db, STAVE_MERGE_UNCAPPED);
  }
  stave_batch_destroy(batch);
  return NULL;
}

static uint64_t number_in(const char* dir) {
  stave_db* db = NULL;
  expect(STAVE_OK, open_at(dir, &db, "read_only", "true", NULL));
  uint64_t first = 0;
  for (unsigned i = 0; i < kNames; i++) {
    char key[16];
    const int length = snprintf(key, sizeof key, "name-%02u", i);
    void* value = NULL;
    size_t size = 0;
    expect(STAVE_OK, stave_get(db, key, (size_t)length, &value, &size));
    assert_int_equal(size, sizeof first);
    uint64_t n = 0;
    memcpy(&n, value, sizeof n);
    stave_free(value);
    if (i == 0) first = n;
    assert_int_equal(n, first);
  }
  close_store(db);
  return first;
}

/* Repair cuts a longer file off: of a shared one that would be the store's. */
static void expect_no_longer_file_shared(const char* dir) {
  size_t size = 0;
  char* text = read_whole(dir, "MANIFEST", &size);
  char* line = text;
  for (char* end; (end = memchr(line, '\n', size - (size_t)(line - text))) != NULL;
       line = end + 1) {
    unsigned long long id = 0;
    unsigned long long length = 0;
    *end = '\0';
    if (sscanf(line, "file %llu %*s sealed %llu", &id, &length) != 2) continue;
    char name[32];
    unsigned links = 0;
    snprintf(name, sizeof name, "%010llu.log", id);
    const uint64_t bytes = bytes_of_file(dir, name, &links);
    if (links > 1) assert_int_equal(bytes, length);
  }
  free(text);
}

static void backups_beside(scratch* s, writing* w, stave_db* source) {
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, write_batches, w), 0);
  while (stats_of(w->db).last_seq < kNames) usleep(100);
  expect(STAVE_OK, stave_refresh(source));
  uint64_t last = 0;
  for (unsigned i = 2 + test_scaled(10); i > 0; i--) {
    backup(source, path_beside(s, "backup"), i % 3 == 0 ? STAVE_BACKUP_COPY : 0);
    expect_no_longer_file_shared(path_beside(s, "backup"));
    const uint64_t n = number_in(path_beside(s, "backup"));
    assert_true(n >= last);
    last = n;
    expect(STAVE_OK, stave_refresh(source));
  }
  atomic_store(&w->stop, 1);
  assert_int_equal(pthread_join(thread, NULL), 0);
  expect(STAVE_OK, w->code);
  assert_true(last > 1);
}

static void made_beside_a_writer_they_are_one_moment(void** state) {
  writing w = {.db = open_store(*state, "max_file_size", "256KiB", NULL)};
  backups_beside(*state, &w, w.db);
  close_store(w.db);
}

static void made_by_a_reader_beside_a_writer_they_are_one_moment(void** state) {
  scratch* s = *state;
  writing w = {.db = open_store(s, "max_file_size", "256KiB", NULL)};
  stave_db* reader = NULL;
  expect(STAVE_OK, open_at(s->store, &reader, "read_only", "true", NULL));
  backups_beside(s, &w, reader);
  close_store(reader);
  close_store(w.db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_backup_is_the_store_of_that_moment),
      CASE(an_empty_store_has_a_backup_too),
      CASE(copies_share_nothing),
      CASE(copies_take_the_place_of_links),
      CASE(a_backup_that_has_more_is_left_alone),
      CASE(the_next_one_brings_only_what_is_new),
      CASE(a_backup_that_was_written_to_is_a_store_of_its_own),
      CASE(other_directories_are_left_alone),
      CASE(an_interrupted_one_is_begun_again),
      CASE(made_beside_a_writer_they_are_one_moment),
      CASE(made_by_a_reader_beside_a_writer_they_are_one_moment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
