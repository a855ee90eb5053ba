/* Keys and values of every shape come back as they went in, before and after reopening. */
#include "harness.h"

static void a_later_put_replaces_and_a_delete_removes(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect_missing(db, "k");
  put_text(db, "k", "one");
  expect_holds(db, "k", "one");
  put_text(db, "k", "two and longer");
  expect_holds(db, "k", "two and longer");
  delete_text(db, "k");
  expect_missing(db, "k");
  expect(STAVE_NOT_FOUND, stave_delete(db, "k", 1, 0));
  put_text(db, "k", "three");
  expect_holds(db, "k", "three");
  close_store(db);
}

static void deleting_a_missing_key_writes_nothing(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  uint64_t seq = stats_of(db).last_seq;
  expect(STAVE_NOT_FOUND, stave_delete(db, "absent", 6, 0));
  assert_int_equal(stats_of(db).last_seq, seq);
  close_store(db);
}

static void deleted_keys_stay_deleted_after_reopening(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_many(db, 100, 20, 1);
  for (unsigned i = 0; i < 100; i += 2) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  close_store(db);
  db = open_store(s, NULL);
  for (unsigned i = 0; i < 100; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    int exists = -1;
    expect(STAVE_OK, stave_exists(db, key, strlen(key), &exists));
    assert_int_equal(exists, i % 2);
  }
  assert_int_equal(stats_of(db).keys, 50);
  close_store(db);
}

static void null_with_length_zero_is_the_empty_value(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  expect(STAVE_OK, stave_put(db, "null", 4, NULL, 0, 0));
  expect(STAVE_OK, stave_put(db, "text", 4, "", 0, 0));
  for (int reopened = 0; reopened < 2; reopened++) {
    expect_bytes(db, "null", 4, "", 0);
    expect_bytes(db, "text", 4, "", 0);
    int exists = 0;
    expect(STAVE_OK, stave_exists(db, "null", 4, &exists));
    assert_int_equal(exists, 1);
    close_store(db);
    db = open_store(s, NULL);
  }
  close_store(db);
}

static void any_byte_may_occur_in_keys_and_values(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  char value[256];
  for (unsigned i = 0; i < sizeof value; i++) value[i] = (char)i;
  for (int reopened = 0; reopened < 2; reopened++) {
    for (unsigned a = 0; a < 256; a++) {
      const unsigned char keys[][3] = {{(unsigned char)a, 0, 0}, {0, (unsigned char)a, 7}};
      if (!reopened) {
        expect(STAVE_OK, stave_put(db, keys[0], 1, value, a, 0));
        expect(STAVE_OK, stave_put(db, keys[0], 2, value, a / 2, 0));
        expect(STAVE_OK, stave_put(db, keys[1], 3, value, 256, 0));
      }
      expect_bytes(db, keys[0], 1, value, a);
      expect_bytes(db, keys[0], 2, value, a / 2);
      expect_bytes(db, keys[1], 3, value, 256);
    }
    assert_int_equal(stats_of(db).keys, 3 * 256);
    if (!reopened) {
      close_store(db);
      db = open_store(s, NULL);
    }
  }
  close_store(db);
}

static void keys_of_every_length_are_kept_apart(void** state) {
  scratch* s = *state;
  static char key[STAVE_KEY_SIZE_MAX];
  memset(key, 'x', sizeof key); /* each key is a prefix of the next */
  stave_db* db = open_store(s, NULL);
  unsigned keys = 0;
  for (size_t n = 1; n < sizeof key; n = n < 70 ? n + 1 : n * 5 / 4) {
    expect(STAVE_OK, stave_put(db, key, n, &n, sizeof n, 0));
    keys++;
  }
  size_t full = sizeof key;
  expect(STAVE_OK, stave_put(db, key, full, &full, sizeof full, 0));
  close_store(db);
  db = open_store(s, NULL);
  assert_int_equal(stats_of(db).keys, keys + 1);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  size_t last = 0;
  while (stave_iter_next(it) == STAVE_OK) {
    size_t n = 0;
    size_t length = 0;
    assert_memory_equal(stave_iter_key(it, &n), key, n);
    assert_true(n > last);
    const void* value = NULL;
    expect(STAVE_OK, stave_iter_value(it, &value, &length));
    assert_int_equal(length, sizeof n);
    assert_memory_equal(value, &n, sizeof n);
    expect_bytes(db, key, n, &n, sizeof n);
    last = n;
  }
  assert_int_equal(last, sizeof key);
  stave_iter_destroy(it);
  close_store(db);
}

static void values_from_nothing_to_megabytes_come_back(void** state) {
  scratch* s = *state;
  static const size_t sizes[] = {0,    1,    2,    3,     7,     8,      9,       255,    256,
                                 4095, 4096, 4097, 65535, 65536, 131072, 1000003, 5000011};
  enum { kSizes = sizeof sizes / sizeof *sizes };
  stave_db* db = open_store(s, "max_file_size", "2MiB", NULL);
  char* value = malloc(sizes[kSizes - 1]);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < kSizes; i++) {
      fill_bytes(value, sizes[i], i);
      if (round == 0)
        expect(STAVE_OK, stave_put(db, &sizes[i], sizeof sizes[i], value, sizes[i], 0));
      expect_bytes(db, &sizes[i], sizeof sizes[i], value, sizes[i]);
    }
    if (round == 1) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    if (round == 0) {
      close_store(db);
      db = open_store(s, "max_file_size", "2MiB", NULL);
    }
  }
  free(value);
  close_store(db);
}

static void a_record_larger_than_max_file_size_gets_a_file_of_its_own(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  const size_t size = 1 << 20;
  char* value = malloc(size);
  fill_bytes(value, size, 5);
  put_text(db, "before", "1");
  expect(STAVE_OK, stave_put(db, "big", 3, value, size, 0));
  put_text(db, "after", "2");
  for (int round = 0; round < 3; round++) {
    expect_holds(db, "before", "1");
    expect_bytes(db, "big", 3, value, size);
    expect_holds(db, "after", "2");
    if (round == 0) {
      close_store(db);
      db = open_store(s, "max_file_size", "64KiB", NULL);
    } else {
      expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    }
  }
  free(value);
  close_store(db);
}

static void values_that_look_like_records_are_only_values(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  put_many(db, 20, 100, 1);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  size_t length = 0;
  char* log = read_whole(s->store, logs.name[0], &length);
  if (length > 60000) length = 60000;
  db = open_store(s, "max_file_size", "64KiB", NULL);
  expect(STAVE_OK, stave_put(db, "log", 3, log, length, 0));
  put_many(db, 20, 100, 2);
  stave_release(db); /* no checkpoint: the next open reads the files */
  db = open_store(s, NULL);
  expect_many(db, 20, 100, 2);
  expect_bytes(db, "log", 3, log, length);
  assert_int_equal(stats_of(db).keys, 21);
  free(log);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_later_put_replaces_and_a_delete_removes),
      CASE(deleting_a_missing_key_writes_nothing),
      CASE(deleted_keys_stay_deleted_after_reopening),
      CASE(null_with_length_zero_is_the_empty_value),
      CASE(any_byte_may_occur_in_keys_and_values),
      CASE(keys_of_every_length_are_kept_apart),
      CASE(values_from_nothing_to_megabytes_come_back),
      CASE(a_record_larger_than_max_file_size_gets_a_file_of_its_own),
      CASE(values_that_look_like_records_are_only_values),
  };
  return cmocka_run_group_tests_name("put_get", tests, NULL, NULL);
}
