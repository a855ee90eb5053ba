/* Data files grow to their limit and no further. */
#include <unistd.h>

#include "harness.h"

static void data_files_stay_within_max_file_size(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_many(db, 1000, 900, 1);
  expect_many(db, 1000, 900, 1);
  assert_true(stats_of(db).files >= 14);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  assert_true(logs.count >= 14);
  for (size_t i = 0; i < logs.count; i++) {
    size_t length = 0;
    free(read_whole(s->store, logs.name[i], &length));
    assert_true(length <= 65536);
  }
}

static void little_space_is_taken_beyond_max_file_size(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "256KiB", "merge.policy", "never", NULL);
  put_many(db, 500, 900, 1); /* into the second file */
  usleep(100000);            /* what is done ahead is done in the background */
  file_names logs = files_ending(s->store, ".log");
  assert_true(logs.count >= 2);
  for (size_t i = 0; i < logs.count; i++) {
    size_t length = 0;
    free(read_whole(s->store, logs.name[i], &length));
    /* The reserve for deletes may reach past the end. */
    if (length > 2 * 262144) print_error("%s: %zu bytes\n", logs.name[i], length);
    assert_true(length <= 2 * 262144);
  }
  close_store(db);
}

static void max_file_entries_rotates_as_well(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_entries", "1000", "merge.policy", "never", NULL);
  put_many(db, 5000, 8, 1);
  assert_true(stats_of(db).files >= 5);
  expect_many(db, 5000, 8, 1);
  close_store(db);
  db = open_store(s, NULL);
  expect_many(db, 5000, 8, 1);
  close_store(db);
}

static void a_record_at_the_edge_of_a_file_is_whole(void** state) {
  scratch* s = *state;
  char value[8192];
  fill_bytes(value, sizeof value, 9);
  stave_db* db = open_store(s, "max_file_size", "8KiB", NULL);
  for (size_t n = 8000; n <= sizeof value; n++) {
    expect(STAVE_OK, stave_put(db, &n, sizeof n, value, n, 0));
  }
  for (int reopened = 0; reopened < 2; reopened++) {
    for (size_t n = 8000; n <= sizeof value; n++) expect_bytes(db, &n, sizeof n, value, n);
    if (reopened) break;
    stave_release(db);
    db = open_store(s, "max_file_size", "8KiB", NULL);
  }
  close_store(db);
}

static void every_reopening_keeps_the_number_of_files_in_bounds(void** state) {
  scratch* s = *state;
  for (unsigned round = 0; round < 20; round++) {
    stave_db* db = open_store(s, "merge.policy", "never", NULL);
    put_many(db, 10, 10, round);
    assert_true(stats_of(db).files <= round + 3);
    close_store(db);
  }
  stave_db* db = open_store(s, NULL);
  expect_many(db, 10, 10, 19);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_true(stats_of(db).files <= 3);
  expect_many(db, 10, 10, 19);
  close_store(db);
}

static void opening_without_writing_makes_no_new_files(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_many(db, 10, 10, 1);
  close_store(db);
  close_store(open_store(s, NULL));
  size_t before = files_ending(s->store, "").count;
  for (int i = 0; i < 5; i++) close_store(open_store(s, NULL));
  assert_true(files_ending(s->store, "").count <= before + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(data_files_stay_within_max_file_size),
      CASE(little_space_is_taken_beyond_max_file_size),
      CASE(max_file_entries_rotates_as_well),
      CASE(a_record_at_the_edge_of_a_file_is_whole),
      CASE(every_reopening_keeps_the_number_of_files_in_bounds),
      CASE(opening_without_writing_makes_no_new_files),
  };
  return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
