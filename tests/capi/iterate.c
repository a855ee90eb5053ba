/* Iterators: byte order, prefixes, lent keys and values. */
#include "harness.h"

/* Walks the prefix and demands exactly these keys, in this order. */
static void expect_keys(stave_db* db, const void* prefix, size_t prefix_length,
                        const char* const* keys, size_t n) {
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, prefix, prefix_length, &it));
  for (size_t i = 0; i < n; i++) {
    expect(STAVE_OK, stave_iter_next(it));
    size_t length = 0;
    const void* key = stave_iter_key(it, &length);
    assert_int_equal(length, strlen(keys[i]));
    assert_memory_equal(key, keys[i], length);
  }
  expect(STAVE_DONE, stave_iter_next(it));
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
}

static void an_empty_store_is_done_at_once(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect_keys(db, NULL, 0, NULL, 0);
  expect_keys(db, "x", 1, NULL, 0);
  close_store(db);
}

static void there_is_no_entry_before_the_first_next_and_after_the_last(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  for (int after = 0; after < 2; after++) {
    size_t length = 99;
    assert_null(stave_iter_key(it, &length));
    assert_int_equal(length, 0);
    const void* value = (const void*)state;
    length = 99;
    assert_true(stave_iter_value(it, &value, &length) != STAVE_OK);
    assert_true(value == NULL && length == 0);
    if (after) break;
    expect(STAVE_OK, stave_iter_next(it));
    expect(STAVE_DONE, stave_iter_next(it));
  }
  stave_iter_destroy(it);
  close_store(db);
}

static void keys_come_in_unsigned_byte_order(void** state) {
  stave_db* db = open_store(*state, NULL);
  const char* keys[] = {"\x01", "A", "AA", "AB", "B", "a", "a\x7f", "a\x80", "a\xff", "b", "\xff"};
  size_t n = sizeof keys / sizeof *keys;
  for (size_t i = 0; i < n; i++) put_text(db, keys[(i * 7) % n], "v");
  expect_keys(db, NULL, 0, keys, n);
  close_store(db);
}

static void a_prefix_selects_exactly_its_keys(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  const char* all[] = {"a", "aa", "aab", "aac", "ab", "b", "ba", "\xff", "\xff\x01", "\xff\xff"};
  size_t n = sizeof all / sizeof *all;
  for (size_t i = 0; i < n; i++) put_text(db, all[i], "v");
  for (int round = 0; round < 3; round++) {
    expect_keys(db, "", 0, all, n);
    expect_keys(db, "a", 1, all, 5);
    expect_keys(db, "aa", 2, all + 1, 3);
    expect_keys(db, "aac", 3, all + 3, 1);
    expect_keys(db, "aad", 3, NULL, 0);
    expect_keys(db, "b", 1, all + 5, 2);
    expect_keys(db, "\xff", 1, all + 7, 3); /* no prefix follows it */
    expect_keys(db, "\xff\xff", 2, all + 9, 1);
    expect_keys(db, "\xff\xff\xff", 3, NULL, 0);
    if (round == 0) {
      close_store(db);
      db = open_store(s, NULL);
    } else {
      expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    }
  }
  close_store(db);
}

static void deleted_and_replaced_keys_show_their_newest_state_once(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  for (unsigned round = 1; round <= 4; round++) put_many(db, 200, 300, round);
  for (unsigned i = 0; i < 200; i += 3) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, "key-", 4, &it));
  for (unsigned i = 0; i < 200; i++) {
    if (i % 3 == 0) continue;
    char key[32];
    char value[300];
    snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, sizeof value, 4ULL << 32 | i);
    expect(STAVE_OK, stave_iter_next(it));
    size_t length = 0;
    const void* got_key = stave_iter_key(it, &length);
    assert_int_equal(length, strlen(key));
    assert_memory_equal(got_key, key, length);
    const void* got = NULL;
    expect(STAVE_OK, stave_iter_value(it, &got, &length));
    assert_int_equal(length, sizeof value);
    assert_memory_equal(got, value, length);
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
  close_store(db);
}

static void key_and_value_may_be_asked_for_in_any_order_and_often(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "a", "1");
  put_text(db, "b", "");
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  expect(STAVE_OK, stave_iter_next(it));
  for (int i = 0; i < 3; i++) {
    const void* value = NULL;
    size_t length = 0;
    expect(STAVE_OK, stave_iter_value(it, &value, &length));
    assert_int_equal(length, 1);
    assert_memory_equal(value, "1", 1);
    assert_memory_equal(stave_iter_key(it, &length), "a", 1);
  }
  expect(STAVE_OK, stave_iter_next(it));
  const void* value = NULL;
  size_t length = 99;
  expect(STAVE_OK, stave_iter_value(it, &value, &length));
  assert_int_equal(length, 0);
  stave_iter_destroy(it);
  close_store(db);
}

/* Random keys over a two-letter alphabet, against a sorted array. */
static int by_text(const void* a, const void* b) { return strcmp(a, b); }

static void random_keys_come_sorted_and_complete(void** state) {
  uint64_t random = test_seed();
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  enum { kKeys = 1500 };
  static char keys[kKeys][24];
  for (size_t i = 0; i < kKeys; i++) {
    size_t length = 12 + next_random(&random) % 10;
    for (size_t j = 0; j < length; j++) keys[i][j] = "ab"[next_random(&random) % 2];
    keys[i][length] = '\0';
    put_text(db, keys[i], keys[i]);
    if (i == kKeys / 2) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  qsort(keys, kKeys, sizeof keys[0], by_text);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  for (size_t i = 0; i < kKeys; i++) {
    if (i > 0 && strcmp(keys[i], keys[i - 1]) == 0) continue;
    expect(STAVE_OK, stave_iter_next(it));
    size_t length = 0;
    const void* key = stave_iter_key(it, &length);
    assert_int_equal(length, strlen(keys[i]));
    assert_memory_equal(key, keys[i], length);
    const void* value = NULL;
    expect(STAVE_OK, stave_iter_value(it, &value, &length));
    assert_memory_equal(value, keys[i], strlen(keys[i]));
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(an_empty_store_is_done_at_once),
      CASE(there_is_no_entry_before_the_first_next_and_after_the_last),
      CASE(keys_come_in_unsigned_byte_order),
      CASE(a_prefix_selects_exactly_its_keys),
      CASE(deleted_and_replaced_keys_show_their_newest_state_once),
      CASE(key_and_value_may_be_asked_for_in_any_order_and_often),
      CASE(random_keys_come_sorted_and_complete),
  };
  return cmocka_run_group_tests_name("iterate", tests, NULL, NULL);
}
