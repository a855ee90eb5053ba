/* Files that a killed writer leaves unsealed, large enough to be loaded in parts: all of it is
 * there from the beginning, with and without the indexes, which are made in the background. */
#include <unistd.h>

#include "harness.h"

enum { kKeys = 30000, kSize = 1000, kRewritten = 3000, kDeleted = 100 };

static int write_and_die(void* argument) {
  const char* store = argument;
  stave_db* db = NULL;
  if (open_at(store, &db, "max_file_size", "24MiB", NULL) != STAVE_OK) return 1;
  put_many(db, kKeys, kSize, 1);
  put_many(db, kRewritten, kSize, 2);
  for (unsigned i = 0; i < kDeleted; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  return 0;
}

static void expect_whole(stave_db* db) {
  char value[kSize];
  for (unsigned i = kDeleted; i < kKeys; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, kSize, (i < kRewritten ? 2ULL : 1ULL) << 32 | i);
    expect_bytes(db, key, strlen(key), value, kSize);
  }
  for (unsigned i = 0; i < kDeleted; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    expect_missing(db, key);
  }
  assert_int_equal(stats_of(db).keys, kKeys - kDeleted);
}

/* Also those that the writer had time to make. */
static void without_hints(const scratch* s) {
  file_names hints = files_ending(s->store, ".hint");
  for (size_t i = 0; i < hints.count; i++) remove_file(s->store, hints.name[i]);
}

static void killed(const scratch* s) {
  remove_tree(s->store);
  char store[300];
  snprintf(store, sizeof store, "%s", s->store);
  assert_int_equal(in_child(write_and_die, store), 0);
  without_hints(s);
}

static bool all_have_hints(const scratch* s) {
  return files_ending(s->store, ".hint").count == files_ending(s->store, ".log").count;
}

static void wait_for_hints(const scratch* s) {
  for (int i = 0; i < 3000 && !all_have_hints(s); i++) usleep(10000);
  assert_true(all_have_hints(s));
}

static void verify(stave_db* db) {
  stave_verify_report report;
  memset(&report, 0, sizeof report);
  report.size = sizeof report;
  expect(STAVE_OK, stave_verify(db, &report));
}

static void hints_come_after_the_open(void** state) {
  scratch* s = *state;
  for (int never = 0; never < 2; never++) {
    killed(s);
    const char* policy = never ? "never" : "always";
    stave_db* db = open_store(s, "merge.policy", policy, "merge.check_interval", "1h", NULL);
    expect_whole(db);
    assert_int_equal(count_keys(db), kKeys - kDeleted);
    verify(db);
    wait_for_hints(s);
    assert_int_equal(count_keys(db), kKeys - kDeleted);
    verify(db);
    close_store(db);
    db = open_store(s, NULL);
    expect_whole(db);
    close_store(db);
  }
}

static void without_threads_the_open_makes_them(void** state) {
  scratch* s = *state;
  killed(s);
  stave_db* db = open_store(s, "background", "false", NULL);
  assert_true(all_have_hints(s));
  expect_whole(db);
  close_store(db);
}

/* Killed again, or closed, before there was a hint; with a KEYDIR and without. */
static void the_next_open_does_without_them_too(void** state) {
  scratch* s = *state;
  killed(s);
  for (int i = 0; i < 4; i++) {
    stave_db* db = open_store(s, "checkpoint_min_ops", i < 2 ? "1000000000" : "0", NULL);
    expect_whole(db);
    close_store(db);
    without_hints(s);
  }
  stave_db* db = open_store(s, "read_only", "true", NULL);
  expect_whole(db);
  assert_int_equal(count_keys(db), kKeys - kDeleted);
  close_store(db);
}

static void a_reader_and_a_merge_need_not_wait_for_them(void** state) {
  scratch* s = *state;
  killed(s);
  stave_db* db = open_store(s, NULL);
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  expect_whole(reader);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect(STAVE_OK, stave_refresh(reader));
  expect_whole(reader);
  close_store(reader);
  expect_whole(db);
  assert_int_equal(count_keys(db), kKeys - kDeleted);
  close_store(db);
  db = open_store(s, NULL);
  expect_whole(db);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(hints_come_after_the_open),
      CASE(without_threads_the_open_makes_them),
      CASE(the_next_open_does_without_them_too),
      CASE(a_reader_and_a_merge_need_not_wait_for_them),
  };
  return cmocka_run_group_tests_name("unsealed_files", tests, NULL, NULL);
}
