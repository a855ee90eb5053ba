/* Entries that expire: hidden at their time by every call, reclaimed by merges. Times here are
 * either long past or far ahead; tests/unit/engine/expiry_clock_test.cc and tests/model move the
 * clock. */
#include "harness.h"

enum { kPast = 1000 };
static const uint64_t kFar = 4102444800000u; /* the year 2100 */

static void put_until(stave_db* db, const char* key, const char* value, uint64_t at) {
  expect(STAVE_OK, stave_put_until(db, key, strlen(key), value, strlen(value), at, 0));
}

static stave_entry entry_of(stave_db* db, const char* key) {
  stave_entry e = {.size = sizeof e};
  expect(STAVE_OK, stave_get_entry(db, key, strlen(key), &e, NULL, NULL));
  return e;
}

static int64_t ttl_of(stave_db* db, const char* key) {
  int64_t ttl = 0;
  expect(STAVE_OK, stave_ttl(db, key, strlen(key), &ttl));
  return ttl;
}

static void an_entry_tells_version_expiry_and_length(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "first");
  const stave_entry first = entry_of(db, "k");
  assert_int_equal(first.expires_at_ms, 0);
  assert_int_equal(first.value_length, 5);
  assert_int_equal(first.version, stats_of(db).last_seq);
  put_until(db, "k", "second!", kFar);
  stave_entry second = {.size = sizeof second};
  void* own = NULL;
  size_t length = 0;
  expect(STAVE_OK, stave_get_entry(db, "k", 1, &second, &own, &length));
  assert_int_equal(second.expires_at_ms, kFar);
  assert_true(second.version > first.version);
  assert_int_equal(length, 7);
  assert_memory_equal(own, "second!", 7);
  stave_free(own);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_int_equal(entry_of(db, "k").version, second.version);
  assert_int_equal(entry_of(db, "k").expires_at_ms, kFar);
  close_store(db);
}

static void the_empty_value_of_an_entry_is_a_pointer(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "");
  stave_entry e = {.size = sizeof e};
  void* own = NULL;
  size_t length = 9;
  expect(STAVE_OK, stave_get_entry(db, "k", 1, &e, &own, &length));
  assert_non_null(own);
  assert_int_equal(length, 0);
  stave_free(own);
  close_store(db);
}

static void expect_hidden(stave_db* db, const char* key) {
  const size_t n = strlen(key);
  expect_missing(db, key);
  char buffer[8];
  size_t length = 0;
  void* own = NULL;
  expect(STAVE_NOT_FOUND, stave_get_into(db, key, n, buffer, sizeof buffer, &length, &own));
  stave_pin* pin = NULL;
  expect(STAVE_NOT_FOUND, stave_get_pinned(db, key, n, &pin));
  int exists = 1;
  expect(STAVE_OK, stave_exists(db, key, n, &exists));
  assert_int_equal(exists, 0);
  const stave_slice slice = {key, n};
  stave_value value = {NULL, 0, 0};
  expect(STAVE_OK, stave_multi_get(db, &slice, 1, buffer, sizeof buffer, &value, &own));
  assert_int_equal(value.code, STAVE_NOT_FOUND);
  stave_entry e = {.size = sizeof e};
  expect(STAVE_NOT_FOUND, stave_get_entry(db, key, n, &e, NULL, NULL));
  int64_t ttl = 5;
  expect(STAVE_NOT_FOUND, stave_ttl(db, key, n, &ttl));
  assert_int_equal(ttl, 0);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, key, n, &it));
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
}

static void every_read_hides_an_expired_entry(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "gone", "older");
  put_until(db, "gone", "v", kPast);
  put_until(db, "there", "v", kFar);
  expect_hidden(db, "gone");
  expect_holds(db, "there", "v");
  close_store(db);
  db = open_store(s, NULL);
  expect_hidden(db, "gone");
  close_store(db);
  db = open_store(s, "read_only", "true", NULL);
  expect_hidden(db, "gone");
  expect_holds(db, "there", "v");
  close_store(db);
}

static void the_time_to_live_goes_down_to_the_millisecond(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "for ever", "v");
  assert_true(ttl_of(db, "for ever") == -1);
  expect(STAVE_OK, stave_put_ttl(db, "k", 1, "v", 1, 3600000, 0));
  const int64_t ttl = ttl_of(db, "k");
  assert_true(ttl > 3500000 && ttl <= 3600000);
  expect(STAVE_OK, stave_put_ttl(db, "short", 5, "v", 1, 1, 0));
  while (stave_ttl(db, "short", 5, &(int64_t){0}) == STAVE_OK) {
  }
  expect_hidden(db, "short");
  expect(STAVE_OK, stave_put_ttl(db, "long", 4, "v", 1, UINT64_MAX, 0));
  assert_true(ttl_of(db, "long") > 1ll << 60);
  expect(STAVE_INVALID_ARGUMENT, stave_put_ttl(db, "k", 1, "v", 1, 0, 0));
  expect(STAVE_INVALID_ARGUMENT, stave_touch(db, "k", 1, 0, 0));
  close_store(db);
}

static void touch_and_persist_keep_the_value(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_until(db, "k", "value", kFar);
  expect(STAVE_OK, stave_touch(db, "k", 1, 60000, 0));
  assert_true(ttl_of(db, "k") <= 60000);
  expect(STAVE_OK, stave_persist(db, "k", 1, 0));
  assert_true(ttl_of(db, "k") == -1);
  const uint64_t seq = stats_of(db).last_seq;
  expect(STAVE_OK, stave_persist(db, "k", 1, STAVE_WRITE_SYNC));
  assert_int_equal(stats_of(db).last_seq, seq); /* nothing to do */
  assert_int_equal(stats_of(db).durable_seq, seq);
  expect_holds(db, "k", "value");
  put_until(db, "gone", "v", kPast);
  expect(STAVE_NOT_FOUND, stave_touch(db, "gone", 4, 60000, 0));
  expect(STAVE_NOT_FOUND, stave_persist(db, "gone", 4, 0));
  expect(STAVE_NOT_FOUND, stave_persist(db, "never", 5, 0));
  close_store(db);
  db = open_store(s, NULL);
  expect_holds(db, "k", "value");
  assert_true(ttl_of(db, "k") == -1);
  close_store(db);
}

static void a_default_holds_for_what_says_nothing(void** state) {
  stave_db* db = open_store(*state, "expiry.default_ttl", "1h", NULL);
  put_text(db, "put", "v");
  const stave_slice key = {"many", 4};
  expect(STAVE_OK, stave_put_many(db, &key, &key, 1, 0, NULL));
  expect(STAVE_OK, stave_put_if_absent(db, "absent", 6, "v", 1, 0));
  expect(STAVE_OK, stave_compare_and_set(db, "absent", 6, "v", 1, "w", 1, 0));
  expect(STAVE_OK, stave_increment(db, "number", 6, 1, 0, NULL));
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_put(batch, "batch", 5, "v", 1));
  expect(STAVE_OK, stave_batch_put_until(batch, "stays", 5, "v", 1, 0));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  put_until(db, "never", "v", 0);
  const char* with[] = {"put", "many", "absent", "number", "batch"};
  for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
    const int64_t ttl = ttl_of(db, with[i]);
    assert_true(ttl > 3500000 && ttl <= 3600000);
  }
  assert_true(ttl_of(db, "stays") == -1);
  assert_true(ttl_of(db, "never") == -1);
  expect(STAVE_OK, stave_append(db, "stays", 5, "+", 1, 0, NULL));
  assert_true(ttl_of(db, "stays") == -1);
  close_store(db);
}

static void an_expired_key_is_absent_for_writes_too(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_until(db, "k", "9", kPast);
  expect(STAVE_NOT_FOUND, stave_compare_and_set(db, "k", 1, "9", 1, "1", 1, 0));
  expect(STAVE_NOT_FOUND, stave_delete_if_value(db, "k", 1, "9", 1, 0));
  int64_t sum = 0;
  expect(STAVE_OK, stave_increment(db, "k", 1, 5, 0, &sum));
  assert_true(sum == 5);
  put_until(db, "k", "9", kPast);
  expect(STAVE_OK, stave_put_if_absent(db, "k", 1, "new", 3, 0));
  expect_holds(db, "k", "new");
  assert_true(ttl_of(db, "k") == -1);
  put_until(db, "k", "9", kPast);
  void* old = NULL;
  size_t length = 0;
  expect(STAVE_NOT_FOUND, stave_get_and_delete(db, "k", 1, 0, &old, &length));
  expect(STAVE_OK, stave_get_and_set(db, "k", 1, "x", 1, 0, &old, &length));
  assert_null(old);
  expect_holds(db, "k", "x");
  close_store(db);
}

static void deleting_an_expired_key_says_so_and_frees_its_slot(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_until(db, "k", "v", kPast);
  assert_int_equal(stats_of(db).keys, 1);
  expect(STAVE_NOT_FOUND, stave_delete(db, "k", 1, 0));
  assert_int_equal(stats_of(db).keys, 0);
  expect(STAVE_NOT_FOUND, stave_delete(db, "k", 1, 0));
  put_until(db, "far", "v", kFar);
  close_store(db);
  db = open_store(s, NULL);
  assert_int_equal(stats_of(db).keys, 1);
  expect(STAVE_OK, stave_delete(db, "far", 3, STAVE_WRITE_SYNC));
  expect_missing(db, "far");
  close_store(db);
}

static void deletes_of_sealed_records_look_at_their_expiry(void** state) {
  scratch* s = *state;
  for (int checkpoint = 0; checkpoint < 2; checkpoint++) {
    stave_db* db = open_store(s, "checkpoint_min_ops", checkpoint ? "0" : "100000", NULL);
    put_until(db, "old", "v", kPast);
    put_until(db, "new", "v", kFar);
    put_text(db, "plain", "v");
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED)); /* seals, if nothing else */
    close_store(db);
    db = open_store(s, NULL);
    expect(STAVE_NOT_FOUND, stave_delete(db, "old", 3, 0));
    expect(STAVE_OK, stave_delete(db, "new", 3, 0));
    expect(STAVE_OK, stave_delete(db, "plain", 5, 0));
    close_store(db);
  }
}

static void a_merge_takes_expired_records_away(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  put_many(db, 500, 200, 1); /* older versions, in older files */
  char key[32];
  for (unsigned i = 0; i < 500; i++) {
    snprintf(key, sizeof key, "key-%04u", i);
    put_until(db, key, "gone", i % 2 ? kPast : kFar);
  }
  for (unsigned i = 0; i < 500; i++) {
    snprintf(key, sizeof key, "new-%04u", i);
    put_until(db, key, "gone", kPast);
  }
  assert_int_equal(stats_of(db).keys, 1000);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_int_equal(stats_of(db).keys, 250);
  assert_int_equal(count_keys(db), 250);
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  close_store(db);
  db = open_store(s, NULL);
  assert_int_equal(count_keys(db), 250); /* nothing older is back */
  expect_missing(db, "key-0001");
  close_store(db);
}

static void a_merge_takes_files_in_which_all_has_expired_and_nothing_was_overwritten(void** state) {
  scratch* s = *state;
  for (int reopened = 0; reopened < 2; reopened++) {
    stave_db* db = open_store(s, "checkpoint_min_ops", "0", NULL);
    char key[32];
    for (unsigned i = 0; i < 100; i++) {
      snprintf(key, sizeof key, "new-%04u", i);
      put_until(db, key, "gone", kPast);
    }
    if (reopened) { /* by the keydir's checkpoint: no record is read */
      close_store(db);
      db = open_store(s, NULL);
    }
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    assert_int_equal(stats_of(db).keys, 0);
    close_store(db);
  }
}

static void grace_keeps_the_record_and_not_the_entry(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "expiry.grace_time", "36500d", NULL);
  put_until(db, "k", "v", kPast);
  put_text(db, "x", "1");
  put_text(db, "x", "2");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_hidden(db, "k");
  assert_int_equal(stats_of(db).keys, 2);
  close_store(db);
  db = open_store(s, NULL);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_int_equal(stats_of(db).keys, 1);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(an_entry_tells_version_expiry_and_length),
      CASE(the_empty_value_of_an_entry_is_a_pointer),
      CASE(every_read_hides_an_expired_entry),
      CASE(the_time_to_live_goes_down_to_the_millisecond),
      CASE(touch_and_persist_keep_the_value),
      CASE(a_default_holds_for_what_says_nothing),
      CASE(an_expired_key_is_absent_for_writes_too),
      CASE(deleting_an_expired_key_says_so_and_frees_its_slot),
      CASE(deletes_of_sealed_records_look_at_their_expiry),
      CASE(a_merge_takes_expired_records_away),
      CASE(a_merge_takes_files_in_which_all_has_expired_and_nothing_was_overwritten),
      CASE(grace_keeps_the_record_and_not_the_entry),
  };
  return cmocka_run_group_tests_name("expiry", tests, NULL, NULL);
}
