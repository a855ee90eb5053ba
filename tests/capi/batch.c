/* Batches: all or none, in order. */
#include "harness.h"

static stave_batch* new_batch(void) {
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  assert_non_null(batch);
  assert_int_equal(stave_batch_count(batch), 0);
  return batch;
}

static void batch_put(stave_batch* batch, const char* key, const char* value) {
  expect(STAVE_OK, stave_batch_put(batch, key, strlen(key), value, strlen(value)));
}

static void batch_delete(stave_batch* batch, const char* key) {
  expect(STAVE_OK, stave_batch_delete(batch, key, strlen(key)));
}

static void an_empty_batch_is_written_and_changes_nothing(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = new_batch();
  uint64_t seq = stats_of(db).last_seq;
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect(STAVE_OK, stave_write(db, batch, STAVE_WRITE_SYNC));
  assert_int_equal(stats_of(db).last_seq, seq);
  stave_batch_destroy(batch);
  close_store(db);
}

static void nothing_is_seen_before_write_and_all_after(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "gone", "x");
  stave_batch* batch = new_batch();
  batch_put(batch, "a", "1");
  batch_put(batch, "b", "");
  batch_delete(batch, "gone");
  assert_int_equal(stave_batch_count(batch), 3);
  expect_missing(db, "a");
  expect_holds(db, "gone", "x");
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  for (int reopened = 0; reopened < 2; reopened++) {
    expect_holds(db, "a", "1");
    expect_holds(db, "b", "");
    expect_missing(db, "gone");
    assert_int_equal(stats_of(db).keys, 2);
    if (!reopened) {
      stave_release(db);
      db = open_store(s, NULL);
    }
  }
  close_store(db);
}

static void the_later_operation_on_a_key_wins(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "deleted then put", "old");
  put_text(db, "put then deleted", "old");
  stave_batch* batch = new_batch();
  batch_put(batch, "twice", "1");
  batch_put(batch, "twice", "2");
  batch_delete(batch, "deleted then put");
  batch_put(batch, "deleted then put", "new");
  batch_put(batch, "put then deleted", "new");
  batch_delete(batch, "put then deleted");
  batch_put(batch, "never there", "x");
  batch_delete(batch, "never there");
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  for (int round = 0; round < 3; round++) {
    expect_holds(db, "twice", "2");
    expect_holds(db, "deleted then put", "new");
    expect_missing(db, "put then deleted");
    expect_missing(db, "never there");
    assert_int_equal(stats_of(db).keys, 2);
    if (round == 0) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    if (round == 1) {
      stave_release(db);
      db = open_store(s, NULL);
    }
  }
  close_store(db);
}

static void deleting_a_missing_key_in_a_batch_is_no_error(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = new_batch();
  batch_delete(batch, "absent");
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  assert_int_equal(stats_of(db).keys, 0);
  assert_int_equal(count_keys(db), 0);
  close_store(db);
}

static void a_batch_is_unchanged_by_write_and_may_be_written_again(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  stave_batch* batch = new_batch();
  batch_put(batch, "a", "1");
  expect(STAVE_OK, stave_write(db, batch, 0));
  assert_int_equal(stave_batch_count(batch), 1);
  put_text(db, "a", "2");
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_holds(db, "a", "1");
  batch_put(batch, "b", "3");
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_holds(db, "b", "3");
  close_store(db);
  db = open_store(s, NULL); /* a batch belongs to no store */
  delete_text(db, "a");
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_holds(db, "a", "1");
  stave_batch_destroy(batch);
  close_store(db);
}

static void clear_empties_a_batch_for_reuse(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = new_batch();
  batch_put(batch, "a", "1");
  expect(STAVE_OK, stave_batch_clear(batch));
  assert_int_equal(stave_batch_count(batch), 0);
  expect(STAVE_OK, stave_batch_clear(batch));
  batch_put(batch, "b", "2");
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_missing(db, "a");
  expect_holds(db, "b", "2");
  stave_batch_destroy(batch);
  close_store(db);
}

static void keys_and_values_are_copied_into_the_batch(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = new_batch();
  char key[] = "key";
  char value[] = "value";
  batch_put(batch, key, value);
  memset(key, 'x', 3);
  memset(value, 'x', 5);
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_holds(db, "key", "value");
  stave_batch_destroy(batch);
  close_store(db);
}

static void a_batch_larger_than_a_data_file_is_whole(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  stave_batch* batch = new_batch();
  enum { kEntries = 2000 };
  char value[300];
  char key[32];
  for (unsigned i = 0; i < kEntries; i++) {
    fill_bytes(value, sizeof value, i);
    snprintf(key, sizeof key, "entry-%u", i);
    expect(STAVE_OK, stave_batch_put(batch, key, strlen(key), value, sizeof value));
  }
  uint64_t seq = stats_of(db).last_seq;
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  assert_int_equal(stats_of(db).last_seq, seq + kEntries);
  for (int round = 0; round < 3; round++) {
    for (unsigned i = 0; i < kEntries; i++) {
      fill_bytes(value, sizeof value, i);
      snprintf(key, sizeof key, "entry-%u", i);
      expect_bytes(db, key, strlen(key), value, sizeof value);
    }
    assert_int_equal(count_keys(db), kEntries);
    if (round == 0) {
      stave_release(db);
      db = open_store(s, "max_file_size", "64KiB", NULL);
    } else {
      expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    }
  }
  close_store(db);
}

static void a_refused_operation_leaves_the_batch_as_it_was(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = new_batch();
  batch_put(batch, "a", "1");
  expect(STAVE_EMPTY_KEY, stave_batch_put(batch, "", 0, "v", 1));
  expect(STAVE_VALUE_TOO_LARGE, stave_batch_put(batch, "k", 1, "v", SIZE_MAX));
  assert_int_equal(stave_batch_count(batch), 1);
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_holds(db, "a", "1");
  assert_int_equal(stats_of(db).keys, 1);
  stave_batch_destroy(batch);
  close_store(db);
}

static void binary_keys_in_a_batch(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = new_batch();
  expect(STAVE_OK, stave_batch_put(batch, "\0", 1, "\0\0", 2));
  expect(STAVE_OK, stave_batch_put(batch, "\0\0", 2, NULL, 0));
  expect(STAVE_OK, stave_batch_put(batch, "\xff\0x", 3, "y", 1));
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_bytes(db, "\0", 1, "\0\0", 2);
  expect_bytes(db, "\0\0", 2, "", 0);
  expect_bytes(db, "\xff\0x", 3, "y", 1);
  stave_batch_destroy(batch);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(an_empty_batch_is_written_and_changes_nothing),
      CASE(nothing_is_seen_before_write_and_all_after),
      CASE(the_later_operation_on_a_key_wins),
      CASE(deleting_a_missing_key_in_a_batch_is_no_error),
      CASE(a_batch_is_unchanged_by_write_and_may_be_written_again),
      CASE(clear_empties_a_batch_for_reuse),
      CASE(keys_and_values_are_copied_into_the_batch),
      CASE(a_batch_larger_than_a_data_file_is_whole),
      CASE(a_refused_operation_leaves_the_batch_as_it_was),
      CASE(binary_keys_in_a_batch),
  };
  return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
