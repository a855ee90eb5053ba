/* An iterator shows the moment at which it was made, whatever happens afterwards. */
#include "harness.h"

enum { kKeys = 300, kSize = 500 };

static stave_iter* snapshot_of(stave_db* db) {
  put_many(db, kKeys, kSize, 1);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  return it;
}

/* All of round 1, nothing else. */
static void expect_snapshot(stave_iter* it) {
  char key[32];
  char value[kSize];
  for (unsigned i = 0; i < kKeys; i++) {
    expect(STAVE_OK, stave_iter_next(it));
    snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, kSize, 1ULL << 32 | i);
    size_t length = 0;
    const void* got = stave_iter_key(it, &length);
    assert_int_equal(length, strlen(key));
    assert_memory_equal(got, key, length);
    expect(STAVE_OK, stave_iter_value(it, &got, &length));
    assert_int_equal(length, kSize);
    assert_memory_equal(got, value, kSize);
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
}

static void later_puts_are_not_seen(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_iter* it = snapshot_of(db);
  put_many(db, kKeys, kSize, 2);
  put_text(db, "key-0000-new", "x");
  put_text(db, "a", "x");
  put_text(db, "z", "x");
  expect_snapshot(it);
  close_store(db);
}

static void later_deletes_are_not_seen(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_iter* it = snapshot_of(db);
  for (unsigned i = 0; i < kKeys; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  expect_snapshot(it);
  assert_int_equal(count_keys(db), 0);
  close_store(db);
}

static void a_later_batch_is_not_seen_in_part(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_iter* it = snapshot_of(db);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_delete(batch, "key-0001", 8));
  expect(STAVE_OK, stave_batch_put(batch, "key-0002", 8, "x", 1));
  expect(STAVE_OK, stave_batch_put(batch, "key-0001a", 9, "x", 1));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  expect_snapshot(it);
  close_store(db);
}

static void rotation_and_merge_leave_it_whole(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  stave_iter* it = snapshot_of(db);
  for (unsigned round = 2; round < 5; round++) {
    put_many(db, kKeys, kSize, round);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  expect_snapshot(it);
  expect_many(db, kKeys, kSize, 4);
  close_store(db);
}

static void merge_in_the_middle_of_a_walk_changes_nothing(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  put_many(db, kKeys, kSize, 1);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  for (unsigned i = 0; i < kKeys; i++) {
    expect(STAVE_OK, stave_iter_next(it));
    if (i % 60 != 30) continue;
    put_many(db, kKeys, kSize, 2 + i);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    const void* value = NULL;
    size_t length = 0;
    char expected[kSize];
    fill_bytes(expected, kSize, 1ULL << 32 | i);
    expect(STAVE_OK, stave_iter_value(it, &value, &length));
    assert_int_equal(length, kSize);
    assert_memory_equal(value, expected, kSize);
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
  close_store(db);
}

static void close_and_release_leave_it_whole(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_iter* it = snapshot_of(db);
  close_store(db);
  expect_snapshot(it);
}

static void a_new_writer_and_its_merge_leave_it_whole(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  stave_iter* it = snapshot_of(db);
  close_store(db);
  db = open_store(s, "max_file_size", "64KiB", NULL);
  put_many(db, kKeys, kSize, 2);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_snapshot(it);
  close_store(db);
}

static void many_snapshots_each_show_their_own_moment(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  enum { kSnapshots = 12 };
  stave_iter* it[kSnapshots];
  for (unsigned i = 0; i < kSnapshots; i++) {
    char value[16];
    snprintf(value, sizeof value, "moment %u", i);
    put_text(db, "k", value);
    expect(STAVE_OK, stave_iter_create(db, "k", 1, &it[i]));
    put_many(db, 20, 1000, i);
    if (i % 5 == 4) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  for (unsigned i = 0; i < kSnapshots; i++) {
    char value[16];
    snprintf(value, sizeof value, "moment %u", i);
    expect(STAVE_OK, stave_iter_next(it[i]));
    const void* got = NULL;
    size_t length = 0;
    expect(STAVE_OK, stave_iter_value(it[i], &got, &length));
    assert_int_equal(length, strlen(value));
    assert_memory_equal(got, value, length);
    stave_iter_destroy(it[i]);
  }
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(later_puts_are_not_seen),
      CASE(later_deletes_are_not_seen),
      CASE(a_later_batch_is_not_seen_in_part),
      CASE(rotation_and_merge_leave_it_whole),
      CASE(merge_in_the_middle_of_a_walk_changes_nothing),
      CASE(close_and_release_leave_it_whole),
      CASE(a_new_writer_and_its_merge_leave_it_whole),
      CASE(many_snapshots_each_show_their_own_moment),
  };
  return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
