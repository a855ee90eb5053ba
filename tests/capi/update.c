/* Conditional and read-modify-write calls, one at a time. tests/capi/update_threads.c has many. */
#include "harness.h"

static uint64_t version_of(stave_db* db, const char* key) {
  stave_entry e = {.size = sizeof e};
  expect(STAVE_OK, stave_get_entry(db, key, strlen(key), &e, NULL, NULL));
  return e.version;
}

/* `call` answers `code` and leaves no trace in the log. */
#define expect_nothing_written(db, code, call)           \
  do {                                                   \
    const uint64_t seq_before = stats_of(db).last_seq;   \
    expect(code, call);                                  \
    assert_int_equal(stats_of(db).last_seq, seq_before); \
  } while (0)

static void put_if_absent_puts_once(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_OK, stave_put_if_absent(db, "k", 1, "1", 1, 0));
  expect_nothing_written(db, STAVE_CONFLICT, stave_put_if_absent(db, "k", 1, "2", 1, 0));
  expect_holds(db, "k", "1");
  delete_text(db, "k");
  expect(STAVE_OK, stave_put_if_absent(db, "k", 1, "3", 1, STAVE_WRITE_SYNC));
  expect_holds(db, "k", "3");
  close_store(db);
}

static void compare_and_set_compares_every_byte(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect_nothing_written(db, STAVE_NOT_FOUND, stave_compare_and_set(db, "k", 1, "", 0, "x", 1, 0));
  put_text(db, "k", "value");
  const char* wrong[] = {"", "valu", "values", "Value"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    expect_nothing_written(
        db, STAVE_CONFLICT,
        stave_compare_and_set(db, "k", 1, wrong[i], strlen(wrong[i]), "x", 1, 0));
  }
  expect(STAVE_OK, stave_compare_and_set(db, "k", 1, "value", 5, NULL, 0, 0));
  expect_holds(db, "k", "");
  expect(STAVE_OK, stave_compare_and_set(db, "k", 1, NULL, 0, "back", 4, 0));
  expect_holds(db, "k", "back");
  close_store(db);
}

static void versions_guard_puts_and_deletes(void** state) {
  stave_db* db = open_store(*state, NULL);
  uint64_t version = 99;
  expect_nothing_written(db, STAVE_NOT_FOUND,
                         stave_put_if_version(db, "k", 1, 7, "v", 1, 0, &version));
  assert_int_equal(version, 0);
  expect(STAVE_OK, stave_put_if_version(db, "k", 1, 0, "1", 1, 0, &version));
  assert_int_equal(version, version_of(db, "k"));
  uint64_t second = 0;
  expect(STAVE_OK, stave_put_if_version(db, "k", 1, version, "2", 1, 0, &second));
  assert_true(second > version);
  expect_nothing_written(db, STAVE_CONFLICT,
                         stave_put_if_version(db, "k", 1, version, "3", 1, 0, NULL));
  expect_nothing_written(db, STAVE_CONFLICT, stave_delete_if_version(db, "k", 1, version, 0));
  expect_nothing_written(db, STAVE_CONFLICT, stave_delete_if_version(db, "k", 1, 0, 0));
  expect_holds(db, "k", "2");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED)); /* a version outlives merges */
  expect(STAVE_OK, stave_delete_if_version(db, "k", 1, second, 0));
  expect_missing(db, "k");
  expect_nothing_written(db, STAVE_NOT_FOUND, stave_delete_if_version(db, "k", 1, second, 0));
  close_store(db);
}

static void delete_if_value_compares(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  expect_nothing_written(db, STAVE_CONFLICT, stave_delete_if_value(db, "k", 1, "w", 1, 0));
  expect(STAVE_OK, stave_delete_if_value(db, "k", 1, "v", 1, 0));
  expect_nothing_written(db, STAVE_NOT_FOUND, stave_delete_if_value(db, "k", 1, "v", 1, 0));
  close_store(db);
}

static void the_old_value_is_given_back(void** state) {
  stave_db* db = open_store(*state, NULL);
  void* old = state;
  size_t length = 99;
  expect(STAVE_OK, stave_get_and_set(db, "k", 1, "first", 5, 0, &old, &length));
  assert_true(old == NULL && length == 0);
  expect(STAVE_OK, stave_get_and_set(db, "k", 1, "", 0, 0, &old, &length));
  assert_int_equal(length, 5);
  assert_memory_equal(old, "first", 5);
  stave_free(old);
  expect(STAVE_OK, stave_get_and_delete(db, "k", 1, 0, &old, &length));
  assert_true(old != NULL && length == 0); /* the empty value, not none */
  stave_free(old);
  expect_nothing_written(db, STAVE_NOT_FOUND, stave_get_and_delete(db, "k", 1, 0, &old, &length));
  assert_true(old == NULL && length == 0);
  close_store(db);
}

static void increment_counts_in_text(void** state) {
  stave_db* db = open_store(*state, NULL);
  int64_t sum = 0;
  expect(STAVE_OK, stave_increment(db, "n", 1, 41, 0, &sum));
  assert_true(sum == 41);
  expect(STAVE_OK, stave_increment(db, "n", 1, -50, 0, NULL));
  expect_holds(db, "n", "-9");
  put_text(db, "n", "9223372036854775807");
  expect_nothing_written(db, STAVE_OVERFLOW, stave_increment(db, "n", 1, 1, 0, &sum));
  assert_true(sum == 0);
  expect(STAVE_OK, stave_increment(db, "n", 1, INT64_MIN, 0, &sum));
  assert_true(sum == -1);
  expect(STAVE_OK, stave_increment(db, "n", 1, INT64_MIN + 1, 0, &sum));
  expect_holds(db, "n", "-9223372036854775808");
  expect_nothing_written(db, STAVE_OVERFLOW, stave_increment(db, "n", 1, -1, 0, NULL));
  const char* wrong[] = {"", "x", "1x", " 1", "+1", "1.5", "--1", "-", "9223372036854775808"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    put_text(db, "n", wrong[i]);
    expect_nothing_written(db, STAVE_NOT_A_NUMBER, stave_increment(db, "n", 1, 1, 0, NULL));
    expect_holds(db, "n", wrong[i]);
  }
  close_store(db);
}

static void increment_counts_in_bytes(void** state) {
  stave_db* db = open_store(*state, NULL);
  int64_t sum = 0;
  const uint32_t binary = STAVE_INCREMENT_BINARY;
  expect(STAVE_OK, stave_increment(db, "n", 1, -2, binary, &sum));
  expect_bytes(db, "n", 1, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
  expect(STAVE_OK, stave_increment(db, "n", 1, 260, binary | STAVE_WRITE_SYNC, &sum));
  assert_true(sum == 258);
  expect_bytes(db, "n", 1, "\x02\x01\0\0\0\0\0\0", 8);
  put_text(db, "n", "258");
  expect_nothing_written(db, STAVE_NOT_A_NUMBER, stave_increment(db, "n", 1, 1, binary, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_increment(db, "n", 1, 1, binary << 1, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_put(db, "n", 1, "1", 1, binary));
  close_store(db);
}

static void append_lengthens_the_value(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  size_t length = 0;
  expect(STAVE_OK, stave_append(db, "k", 1, "ab", 2, 0, &length));
  assert_int_equal(length, 2);
  expect(STAVE_OK, stave_append(db, "k", 1, NULL, 0, 0, NULL));
  expect(STAVE_OK, stave_append(db, "k", 1, "c", 1, 0, &length));
  assert_int_equal(length, 3);
  expect_holds(db, "k", "abc");
  char piece[1000];
  static char whole[100000];
  expect(STAVE_OK, stave_delete(db, "k", 1, 0));
  for (unsigned i = 0; i < 100; i++) { /* through sizes of a page, a file, and beyond */
    fill_bytes(piece, sizeof piece, i);
    memcpy(whole + i * sizeof piece, piece, sizeof piece);
    expect(STAVE_OK, stave_append(db, "k", 1, piece, sizeof piece, 0, &length));
    assert_int_equal(length, (i + 1) * sizeof piece);
    expect_bytes(db, "k", 1, whole, length);
  }
  close_store(db);
}

static void updates_go_on_through_rotation_merge_and_reopening(void** state) {
  scratch* s = *state;
  const char* sync[] = {"none", "always"};
  for (int i = 0; i < 4; i++) {
    stave_db* db = open_store(s, "max_file_size", "4KiB", "sync", sync[i % 2], "background",
                              i < 2 ? "true" : "false", NULL);
    char key[16];
    for (int round = 1; round <= 20; round++) {
      for (int k = 0; k < 10; k++) {
        int64_t sum = 0;
        snprintf(key, sizeof key, "n%d", k);
        expect(STAVE_OK, stave_increment(db, key, strlen(key), k, 0, &sum));
        assert_true(sum == (int64_t)k * (round + 20 * i));
        if (round == 10) expect(STAVE_OK, stave_append(db, "log", 3, key, 2, 0, NULL));
      }
      if (round % 7 == 0) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    }
    if (i % 2) {
      assert_int_equal(stats_of(db).durable_seq, stats_of(db).last_seq);
    }
    close_store(db);
  }
}

static void a_batch_is_written_if_its_conditions_hold(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "a", "1");
  put_text(db, "b", "2");
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_require_present(batch, "a", 1));
  expect(STAVE_OK, stave_batch_require_value(batch, "b", 1, "2", 1));
  expect(STAVE_OK, stave_batch_require_version(batch, "b", 1, version_of(db, "b")));
  expect(STAVE_OK, stave_batch_require_version(batch, "c", 1, 0));
  expect(STAVE_OK, stave_batch_require_absent(batch, "c", 1));
  assert_int_equal(stave_batch_count(batch), 0);
  expect_nothing_written(db, STAVE_OK, stave_write(db, batch, STAVE_WRITE_SYNC));
  expect(STAVE_OK, stave_batch_put(batch, "c", 1, "3", 1));
  expect(STAVE_OK, stave_batch_delete(batch, "a", 1));
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect_holds(db, "c", "3");
  expect_missing(db, "a");
  /* Conditions are about what is there before the batch; now they no longer hold. */
  expect_nothing_written(db, STAVE_CONFLICT, stave_write(db, batch, 0));
  expect_text("\"a\"");
  expect(STAVE_OK, stave_batch_clear(batch));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  close_store(db);
}

static void a_batch_names_the_key_in_the_way(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "there", "v");
  static char long_key[300];
  memset(long_key, 'x', sizeof long_key);
  const struct {
    int what;
    const char* key;
    size_t length;
    const char* text;
  } wrong[] = {{0, "there", 5, "\"there\" is there"},
               {1, "not", 3, "\"not\" is not there"},
               {2, "there", 5, "\"there\" has version"},
               {3, "there", 5, "\"there\" has another value"},
               {3, "a\0\xff", 3, "\"a??\" is not there"},
               {1, long_key, sizeof long_key, "xxx...\" is not there"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    stave_batch* b = NULL;
    expect(STAVE_OK, stave_batch_create(&b));
    expect(STAVE_OK, stave_batch_put(b, "x", 1, "y", 1));
    const char* key = wrong[i].key;
    size_t n = wrong[i].length;
    if (wrong[i].what == 0) expect(STAVE_OK, stave_batch_require_absent(b, key, n));
    if (wrong[i].what == 1) expect(STAVE_OK, stave_batch_require_present(b, key, n));
    if (wrong[i].what == 2) expect(STAVE_OK, stave_batch_require_version(b, key, n, 12345));
    if (wrong[i].what == 3) expect(STAVE_OK, stave_batch_require_value(b, key, n, "w", 1));
    expect_nothing_written(db, STAVE_CONFLICT, stave_write(db, b, 0));
    expect_text(wrong[i].text);
    expect_missing(db, "x");
    stave_batch_destroy(b);
  }
  close_store(db);
}

static int write_and_die(void* argument) {
  const scratch* s = argument;
  stave_options* o = NULL;
  stave_db* db = NULL;
  if (stave_options_create(&o) || stave_options_set(o, "io", io_mode()) ||
      stave_open(s->store, o, &db)) {
    return 1;
  }
  return stave_put(db, "k", 1, "12345", 5, STAVE_WRITE_SYNC) ? 2 : 0;
}

static void a_damaged_record_is_not_written_on(void** state) {
  scratch* s = *state;
  assert_int_equal(in_child(write_and_die, s), 0);
  close_store(open_store(s, NULL)); /* seals it */
  const file_names logs = files_ending(s->store, ".log");
  assert_int_equal(logs.count, 1);
  flip_bit(s->store, logs.name[0],
           (uint64_t)(64 + 20 + 1 + 2) * 8); /* in the value: another digit */
  const char* verify[] = {"true", "false"};
  for (int i = 0; i < 2; i++) {
    stave_db* db = open_store(s, "verify_reads", verify[i], "merge.policy", "never", NULL);
    void* old = NULL;
    size_t length = 0;
    stave_batch* b = NULL;
    expect(STAVE_OK, stave_batch_create(&b));
    expect(STAVE_OK, stave_batch_put(b, "x", 1, "y", 1));
    expect(STAVE_OK, stave_batch_require_present(b, "k", 1));
    expect_nothing_written(db, STAVE_CORRUPT, stave_increment(db, "k", 1, 1, 0, NULL));
    expect_nothing_written(db, STAVE_CORRUPT, stave_append(db, "k", 1, "6", 1, 0, NULL));
    expect_nothing_written(db, STAVE_CORRUPT,
                           stave_compare_and_set(db, "k", 1, "12345", 5, "x", 1, 0));
    expect_nothing_written(db, STAVE_CORRUPT, stave_put_if_absent(db, "k", 1, "x", 1, 0));
    expect_nothing_written(db, STAVE_CORRUPT, stave_touch(db, "k", 1, 1000, 0));
    expect_nothing_written(db, STAVE_CORRUPT,
                           stave_get_and_set(db, "k", 1, "x", 1, 0, &old, &length));
    assert_null(old);
    expect_nothing_written(db, STAVE_CORRUPT, stave_delete_if_version(db, "k", 1, 1, 0));
    expect_nothing_written(db, STAVE_CORRUPT, stave_write(db, b, 0));
    stave_batch_destroy(b);
    if (i == 1) {
      expect(STAVE_OK, stave_delete(db, "k", 1, 0)); /* a plain delete gets rid of it */
      expect(STAVE_OK, stave_put_if_absent(db, "k", 1, "x", 1, 0));
    }
    close_store(db);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(put_if_absent_puts_once),
      CASE(compare_and_set_compares_every_byte),
      CASE(versions_guard_puts_and_deletes),
      CASE(delete_if_value_compares),
      CASE(the_old_value_is_given_back),
      CASE(increment_counts_in_text),
      CASE(increment_counts_in_bytes),
      CASE(append_lengthens_the_value),
      CASE(updates_go_on_through_rotation_merge_and_reopening),
      CASE(a_batch_is_written_if_its_conditions_hold),
      CASE(a_batch_names_the_key_in_the_way),
      CASE(a_damaged_record_is_not_written_on),
  };
  return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
