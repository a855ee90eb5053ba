/* Held snapshots: gets and iterators of a moment, whatever happens afterwards. */
#include <unistd.h>

#include "harness.h"

enum { kKeys = 300, kSize = 500 };

static void expect_gets(const stave_snapshot* s, const char* key, const char* value) {
  void* own = &own;
  size_t length = 99;
  int code = stave_snapshot_get(s, key, strlen(key), &own, &length);
  if (value == NULL) {
    assert_int_equal(code, STAVE_NOT_FOUND);
    assert_true(own == NULL && length == 0);
    return;
  }
  if (code != STAVE_OK) print_error("%s\n", stave_last_error());
  assert_int_equal(code, STAVE_OK);
  assert_int_equal(length, strlen(value));
  assert_memory_equal(own, value, length);
  stave_free(own);
}

/* All of that round by get, and by an iterator, and nothing else. */
static void expect_moment(stave_db* db, const stave_snapshot* s, unsigned round) {
  stave_iter_options options = {.size = sizeof options, .snapshot = s};
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_open(db, &options, &it));
  char key[32];
  char value[kSize];
  for (unsigned i = 0; i < kKeys; i++) {
    snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, kSize, (uint64_t)round << 32 | i);
    void* own = NULL;
    size_t length = 0;
    expect(STAVE_OK, stave_snapshot_get(s, key, strlen(key), &own, &length));
    assert_int_equal(length, kSize);
    assert_memory_equal(own, value, kSize);
    stave_free(own);
    expect(STAVE_OK, stave_iter_next(it));
    const void* got = stave_iter_key(it, &length);
    assert_int_equal(length, strlen(key));
    assert_memory_equal(got, key, length);
    expect(STAVE_OK, stave_iter_value(it, &got, &length));
    assert_int_equal(length, kSize);
    assert_memory_equal(got, value, kSize);
    assert_true(stave_iter_version(it) <= stave_snapshot_seq(s));
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
  expect_gets(s, "key-0000x", NULL);
  expect_gets(s, "a", NULL);
  expect_gets(s, "z", NULL);
}

static stave_snapshot* snapshot_of(stave_db* db, unsigned round) {
  put_many(db, kKeys, kSize, round);
  stave_snapshot* s = NULL;
  expect(STAVE_OK, stave_snapshot_create(db, &s));
  assert_int_equal(stave_snapshot_seq(s), stats_of(db).last_seq);
  return s;
}

static void it_sees_no_later_put_delete_or_batch(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_snapshot* s = snapshot_of(db, 1);
  put_many(db, kKeys / 2, kSize, 2);
  for (unsigned i = kKeys / 3; i < kKeys; i += 2) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  put_text(db, "a", "x");
  put_text(db, "key-0000x", "x");
  expect_moment(db, s, 1);
  delete_text(db, "a");
  expect_moment(db, s, 1);
  expect_moment(NULL, s, 1);
  stave_snapshot_destroy(s);
  close_store(db);
}

static void rotations_and_merges_leave_it_whole(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  enum { kMoments = 4 };
  stave_snapshot* s[kMoments];
  for (unsigned i = 0; i < kMoments; i++) {
    s[i] = snapshot_of(db, i);
    if (i % 2) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    for (unsigned j = 0; j <= i; j++) expect_moment(db, s[j], j);
  }
  put_many(db, kKeys, kSize, 9);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  for (unsigned i = 0; i < kMoments; i++) {
    expect_moment(db, s[i], i);
    stave_snapshot_destroy(s[i]);
  }
  expect_many(db, kKeys, kSize, 9);
  close_store(db);
}

static void a_key_of_many_versions_has_the_one_of_the_moment(void** state) {
  stave_db* db = open_store(*state, NULL);
  enum { kMoments = 30 };
  stave_snapshot* s[kMoments];
  for (unsigned i = 0; i < kMoments; i++) {
    char value[16];
    snprintf(value, sizeof value, "moment %u", i);
    put_text(db, "k", value);
    if (i % 3 == 1) delete_text(db, "k");
    expect(STAVE_OK, stave_snapshot_create(db, &s[i]));
  }
  for (unsigned i = 0; i < kMoments; i++) {
    char value[16];
    snprintf(value, sizeof value, "moment %u", i);
    expect_gets(s[i], "k", i % 3 == 1 ? NULL : value);
  }
  for (unsigned i = 0; i < kMoments; i++) stave_snapshot_destroy(s[i]);
  close_store(db);
}

static void it_outlives_close_release_and_the_next_writer(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  stave_snapshot* s = snapshot_of(db, 1);
  put_many(db, kKeys, kSize, 2);
  stave_snapshot* late = snapshot_of(db, 3);
  expect(STAVE_OK, stave_close(db));
  expect_moment(NULL, late, 3);
  stave_iter_options options = {.size = sizeof options, .snapshot = s};
  stave_iter* it = NULL;
  expect(STAVE_CLOSED, stave_iter_open(db, &options, &it));
  stave_release(db);
  expect_moment(NULL, s, 1);
  db = open_store(*state, "max_file_size", "64KiB", NULL);
  put_many(db, kKeys, kSize, 4);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_moment(NULL, s, 1);
  expect_moment(NULL, late, 3);
  expect(STAVE_INVALID_ARGUMENT, stave_iter_open(db, &options, &it));
  expect_text("another store");
  stave_snapshot_destroy(s);
  stave_snapshot_destroy(late);
  close_store(db);
}

static void iterators_outlive_their_snapshot(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_snapshot* s = snapshot_of(db, 1);
  stave_iter_options options = {
      .size = sizeof options, .flags = STAVE_ITER_REVERSE, .snapshot = s, .limit = 200};
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_open(db, &options, &it));
  put_many(db, kKeys, kSize, 2);
  stave_snapshot_destroy(s);
  close_store(db);
  for (unsigned i = 0; i < 200; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", kKeys - 1 - i);
    expect(STAVE_OK, stave_iter_next(it));
    assert_memory_equal(stave_iter_key(it, NULL), key, 8);
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
}

static void a_readers_snapshot_stays_when_it_refreshes(void** state) {
  scratch* c = *state;
  stave_db* writer = open_store(c, NULL);
  put_text(writer, "k", "old");
  stave_db* reader = open_store(c, "read_only", "true", NULL);
  stave_snapshot* s = NULL;
  expect(STAVE_OK, stave_snapshot_create(reader, &s));
  put_text(writer, "k", "new");
  put_text(writer, "l", "new");
  expect(STAVE_OK, stave_refresh(reader));
  expect_holds(reader, "k", "new");
  expect_gets(s, "k", "old");
  expect_gets(s, "l", NULL);
  stave_snapshot_destroy(s);
  close_store(reader);
  close_store(writer);
}

static void a_damaged_hint_is_made_up_for(void** state) {
  scratch* c = *state;
  stave_db* db = open_store(c, "max_file_size", "64KiB", NULL);
  put_many(db, kKeys, kSize, 1);
  close_store(db);
  file_names hints = files_ending(c->store, ".hint");
  assert_true(hints.count > 0);
  for (size_t i = 0; i < hints.count; i += 2) flip_bit(c->store, hints.name[i], 100);
  db = open_store(c, "max_file_size", "64KiB", NULL);
  stave_snapshot* s = NULL;
  expect(STAVE_OK, stave_snapshot_create(db, &s));
  put_many(db, kKeys, kSize, 2);
  expect_moment(db, s, 1);
  stave_snapshot_destroy(s);
  close_store(db);
}

static void arguments_are_checked(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_NULL_ARGUMENT, stave_snapshot_create(db, NULL));
  stave_snapshot* s = (stave_snapshot*)db;
  expect(STAVE_NULL_ARGUMENT, stave_snapshot_create(NULL, &s));
  assert_null(s);
  expect(STAVE_OK, stave_snapshot_create(db, &s));
  void* own = &own;
  size_t length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_snapshot_get(NULL, "k", 1, &own, &length));
  assert_true(own == NULL && length == 0);
  expect(STAVE_EMPTY_KEY, stave_snapshot_get(s, "k", 0, &own, &length));
  expect(STAVE_NULL_ARGUMENT, stave_snapshot_get(s, NULL, 1, &own, &length));
  expect(STAVE_KEY_TOO_LARGE, stave_snapshot_get(s, "k", 65536, &own, &length));
  expect(STAVE_NULL_ARGUMENT, stave_snapshot_get(s, "k", 1, NULL, &length));
  expect(STAVE_NULL_ARGUMENT, stave_snapshot_get(s, "k", 1, &own, NULL));
  expect(STAVE_NOT_FOUND, stave_snapshot_get(s, "k", 1, &own, &length));
  assert_int_equal(stave_snapshot_seq(NULL), 0);
  stave_snapshot_destroy(NULL);
  stave_snapshot_destroy(s);
  close_store(db);
}

static int child_uses_the_snapshot(void* argument) {
  stave_snapshot* s = argument;
  void* own = &own;
  size_t length = 99;
  if (stave_snapshot_get(s, "k", 1, &own, &length) != STAVE_FORKED) return 1;
  if (own != NULL || length != 0) return 2;
  stave_iter_options options = {.size = sizeof options, .snapshot = s};
  stave_iter* it = NULL;
  if (stave_iter_open(NULL, &options, &it) != STAVE_FORKED) return 3;
  if (stave_snapshot_seq(s) != 0) return 4;
  stave_snapshot_destroy(s);
  return 0;
}

static void in_a_forked_child_it_is_the_parents(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  stave_snapshot* s = NULL;
  expect(STAVE_OK, stave_snapshot_create(db, &s));
  assert_int_equal(in_child(child_uses_the_snapshot, s), 0);
  expect_gets(s, "k", "v");
  stave_snapshot_destroy(s);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(it_sees_no_later_put_delete_or_batch),
      CASE(rotations_and_merges_leave_it_whole),
      CASE(a_key_of_many_versions_has_the_one_of_the_moment),
      CASE(it_outlives_close_release_and_the_next_writer),
      CASE(iterators_outlive_their_snapshot),
      CASE(a_readers_snapshot_stays_when_it_refreshes),
      CASE(a_damaged_hint_is_made_up_for),
      CASE(arguments_are_checked),
      CASE(in_a_forked_child_it_is_the_parents),
  };
  return cmocka_run_group_tests_name("snapshots", tests, NULL, NULL);
}
