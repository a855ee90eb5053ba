/* Deleting ranges, counting and sizing them: what is in a range goes, at once and for good. */
#include <time.h>

#include "harness.h"

static uint64_t counted(stave_db* db, const char* from, const char* to) {
  uint64_t count = 99;
  expect(STAVE_OK, stave_count_range(db, from, strlen(from), to, strlen(to), &count));
  return count;
}

static void delete_range(stave_db* db, const char* from, const char* to) {
  expect(STAVE_OK, stave_delete_range(db, from, strlen(from), to, strlen(to), 0));
}

static stave_db* reopened(scratch* s, stave_db* db) {
  close_store(db);
  return open_store(s, "checkpoint_min_ops", "1", NULL);
}

static void put_letters(stave_db* db) {
  for (char c = 'a'; c <= 'h'; c++) {
    const char key[] = {c, '\0'};
    put_text(db, key, key);
  }
}

/* Of a..h, those that `left` names are there, for every way to read. */
static void expect_letters(stave_db* db, const char* left) {
  for (char c = 'a'; c <= 'h'; c++) {
    const char key[] = {c, '\0'};
    const bool there = strchr(left, c) != NULL;
    if (there) {
      expect_holds(db, key, key);
    } else {
      expect_missing(db, key);
    }
    int exists = 2;
    expect(STAVE_OK, stave_exists(db, key, 1, &exists));
    assert_int_equal(exists, there);
    char buffer[4];
    void* spill = NULL;
    size_t length = 0;
    const int code = there ? STAVE_OK : STAVE_NOT_FOUND;
    expect(code, stave_get_into(db, key, 1, buffer, sizeof buffer, &length, &spill));
    const stave_slice keys[2] = {{key, 1}, {"h", 1}};
    stave_value values[2];
    expect(STAVE_OK, stave_multi_get(db, keys, 2, buffer, sizeof buffer, values, &spill));
    assert_int_equal(values[0].code, code);
    stave_pin* pin = NULL;
    expect(code, stave_get_pinned(db, key, 1, &pin));
    stave_pin_destroy(pin);
    stave_entry entry = {.size = sizeof entry};
    expect(code, stave_get_entry(db, key, 1, &entry, NULL, NULL));
    assert_int_equal(entry.version != 0, there);
  }
  assert_int_equal(count_keys(db), strlen(left));
  assert_int_equal(counted(db, "", ""), strlen(left));
}

static void what_is_in_the_range_goes_and_stays_away(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_letters(db);
  delete_range(db, "c", "e");
  expect_letters(db, "abefgh");
  delete_range(db, "", "b");
  delete_range(db, "g", "");
  expect_letters(db, "bef");
  db = reopened(s, db);
  expect_letters(db, "bef");
  put_text(db, "c", "c");
  put_text(db, "h", "h");
  expect_letters(db, "bcefh");
  db = reopened(s, db);
  expect_letters(db, "bcefh");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_letters(db, "bcefh");
  db = reopened(s, db);
  expect_letters(db, "bcefh");
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  close_store(db);
}

static void a_prefix_ends_where_its_last_byte_rises(void** state) {
  stave_db* db = open_store(*state, NULL);
  const stave_slice keys[] = {{"a", 1},           {"a\xff", 2},    {"a\xff\xff", 3},
                              {"a\xff\xff\1", 4}, {"b", 1},        {"\xff", 1},
                              {"\xff\xff", 2},    {"\xff\xfe", 2}, {"a\xff\xfe", 3}};
  enum { kKeys = sizeof keys / sizeof keys[0] };
  expect(STAVE_OK, stave_put_many(db, keys, keys, kKeys, 0, NULL));
  expect(STAVE_OK, stave_delete_prefix(db, "a\xff\xff", 3, 0));
  expect_missing(db, "a\xff\xff");
  expect_missing(db, "a\xff\xff\1");
  assert_int_equal(counted(db, "", ""), kKeys - 2);
  expect(STAVE_OK, stave_delete_prefix(db, "\xff\xff", 2, 0));
  assert_int_equal(counted(db, "", ""), kKeys - 3);
  expect(STAVE_OK, stave_delete_prefix(db, "\xff", 1, 0));
  assert_int_equal(counted(db, "", ""), kKeys - 5);
  expect(STAVE_OK, stave_delete_prefix(db, "a", 1, 0));
  assert_int_equal(counted(db, "", ""), 1);
  expect_holds(db, "b", "b");
  expect(STAVE_EMPTY_KEY, stave_delete_prefix(db, NULL, 0, 0));
  expect_text("stave_clear");
  close_store(db);
}

static void bounds_are_checked_and_an_empty_range_writes_nothing(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_letters(db);
  const uint64_t before = stats_of(db).last_seq;
  uint64_t count = 99;
  uint64_t bytes = 99;
  expect(STAVE_INVALID_ARGUMENT, stave_delete_range(db, "b", 1, "a", 1, 0));
  expect_text("less than");
  expect(STAVE_INVALID_ARGUMENT, stave_count_range(db, "b", 1, "a", 1, &count));
  assert_int_equal(count, 0);
  expect(STAVE_INVALID_ARGUMENT, stave_approximate_size(db, "b", 1, "a", 1, &bytes, &count));
  assert_int_equal(bytes, 0);
  expect(STAVE_NULL_ARGUMENT, stave_delete_range(db, NULL, 1, "a", 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_delete_range(db, "a", 1, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_delete_prefix(db, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_count_range(db, "a", 1, NULL, 0, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_delete_range(db, "a", 1, "b", 1, 99));
  expect(STAVE_INVALID_ARGUMENT, stave_clear(db, 99));
  char* large = calloc(1, STAVE_KEY_SIZE_MAX + 1);
  expect(STAVE_KEY_TOO_LARGE, stave_delete_range(db, large, STAVE_KEY_SIZE_MAX + 1, NULL, 0, 0));
  expect_text("from has 65536 bytes");
  expect(STAVE_KEY_TOO_LARGE, stave_delete_range(db, NULL, 0, large, STAVE_KEY_SIZE_MAX + 1, 0));
  expect(STAVE_OK, stave_delete_range(db, "c", 1, "c", 1, 0));
  assert_int_equal(stats_of(db).last_seq, before);
  expect_letters(db, "abcdefgh");
  /* The longest bounds, also where files are short. */
  memset(large, 'b', STAVE_KEY_SIZE_MAX);
  expect(STAVE_OK, stave_delete_range(db, "a", 1, large, STAVE_KEY_SIZE_MAX, 0));
  expect_letters(db, "cdefgh");
  assert_int_equal(stats_of(db).last_seq, before + 1);
  free(large);
  close_store(db);
}

static void writes_see_what_a_range_took(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_letters(db);
  delete_range(db, "a", "e");
  expect(STAVE_NOT_FOUND, stave_delete(db, "a", 1, 0));
  expect(STAVE_OK, stave_put_if_absent(db, "a", 1, "a", 1, 0));
  expect(STAVE_NOT_FOUND, stave_compare_and_set(db, "b", 1, "b", 1, "x", 1, 0));
  int64_t sum = 0;
  expect(STAVE_OK, stave_increment(db, "c", 1, 7, 0, &sum));
  assert_int_equal(sum, 7);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_require_absent(batch, "d", 1));
  expect(STAVE_OK, stave_batch_put(batch, "d", 1, "d", 1));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  expect(STAVE_OK, stave_delete(db, "c", 1, 0));
  expect_letters(db, "adefgh");
  close_store(db);
}

/* Files, merges, and the ways to open again, with small files of which several hold the range. */
static void many_files_lose_the_range_whatever_merges_and_opens_come(void** state) {
  scratch* s = *state;
  enum { kKeys = 3000 };
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  for (unsigned round = 1; round <= 2; round++) {
    put_many(db, kKeys, 40, round);
    delete_range(db, "key-1", "key-2"); /* 1000 to 1999 */
    assert_int_equal(counted(db, "", ""), kKeys - 1000);
    expect_missing(db, "key-1500");
    if (round == 1) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    put_text(db, "key-1500", "again");
    close_store(db);
    if (round == 2) remove_file(s->store, "KEYDIR");
    db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", "checkpoint_min_ops", "1",
                    NULL);
    expect_holds(db, "key-1500", "again");
    expect_missing(db, "key-1499");
    assert_int_equal(count_keys(db), kKeys - 999);
    assert_int_equal(stats_of(db).keys, kKeys - 999);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    assert_int_equal(count_keys(db), kKeys - 999);
  }
  const uint64_t bytes = stats_of(db).disk_bytes;
  delete_range(db, "", "");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_true(stats_of(db).disk_bytes < bytes / 10);
  assert_int_equal(count_keys(db), 0);
  db = reopened(s, db);
  assert_int_equal(stats_of(db).keys, 0);
  close_store(db);
}

/* A range tombstone alone in its file must not pass for an empty file's end. */
static void a_range_alone_in_its_file_outlives_closing(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_letters(db);
  expect(STAVE_OK, stave_merge(db, 0)); /* seals the file */
  delete_range(db, "b", "");
  db = reopened(s, db);
  expect_letters(db, "a");
  delete_range(db, "x", "y");
  expect(STAVE_OK, stave_merge(db, 0));
  db = reopened(s, db);
  expect_letters(db, "a");
  close_store(db);
}

static void an_open_after_a_kill_has_the_range(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "checkpoint_min_ops", "1", NULL);
  put_letters(db);
  close_store(db); /* KEYDIR has them */
  /* Without threads, or files would come and go while they are copied. */
  db = open_store(s, "background", "false", NULL);
  put_text(db, "b", "b");
  delete_range(db, "b", "g");
  put_text(db, "c", "c");
  char copy[sizeof s->dir + 16];
  snprintf(copy, sizeof copy, "%s/copy", s->dir);
  copy_store(s->store, copy);
  close_store(db);
  db = NULL;
  expect(STAVE_OK, open_at(copy, &db, NULL));
  expect_letters(db, "acgh");
  close_store(db);
  expect(STAVE_OK, open_at(copy, &db, NULL));
  expect_letters(db, "acgh");
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  close_store(db);
}

static void readers_beside_the_writer_see_it(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_letters(db);
  stave_db* reader = NULL;
  expect(STAVE_OK, open_at(s->store, &reader, "read_only", "true", NULL));
  expect_letters(reader, "abcdefgh");
  delete_range(db, "b", "d");
  put_text(db, "c", "c");
  expect_letters(reader, "abcdefgh");
  expect(STAVE_OK, stave_refresh(reader));
  expect_letters(reader, "acdefgh");
  assert_int_equal(stats_of(reader).keys, 7);
  for (unsigned i = 0; i < 300; i++) { /* more than a refresh takes one by one */
    delete_range(db, "d", "f");
    put_text(db, "d", "d");
  }
  expect(STAVE_OK, stave_refresh(reader));
  expect_letters(reader, "acdfgh");
  expect(STAVE_OK, stave_clear(db, 0));
  put_text(db, "e", "e");
  expect(STAVE_OK, stave_refresh(reader));
  expect_letters(reader, "e");
  expect(STAVE_READ_ONLY, stave_delete_range(reader, NULL, 0, NULL, 0, 0));
  expect(STAVE_READ_ONLY, stave_clear(reader, 0));
  close_store(reader);
  close_store(db);
}

/* Whatever the clock of the machine: no time is asserted but the number of keys per record. */
static void a_million_keys_go_with_one_record(void** state) {
  stave_db* db = open_store(*state, NULL);
  const unsigned n = test_scaled(1000000);
  char text[64][16];
  stave_slice keys[64];
  for (unsigned i = 0; i < n; i += 64) {
    for (unsigned k = 0; k < 64; k++) {
      keys[k].data = text[k];
      keys[k].length = (size_t)snprintf(text[k], sizeof text[k], "%08u", i + k);
    }
    expect(STAVE_OK, stave_put_many(db, keys, keys, 64, 0, NULL));
  }
  const stave_stats before = stats_of(db);
  struct timespec begin;
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  expect(STAVE_OK, stave_delete_range(db, "0", 1, "1", 1, 0));
  clock_gettime(CLOCK_MONOTONIC, &end);
  print_message(
      "deleting %u keys took %.3f ms\n", n,
      (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6);
  expect_missing(db, "00000077");
  assert_int_equal(stats_of(db).last_seq, before.last_seq + 1);
  assert_true(stats_of(db).disk_bytes <= before.disk_bytes + 64);
  uint64_t count = 99;
  expect(STAVE_OK, stave_count_range(db, NULL, 0, NULL, 0, &count));
  assert_int_equal(count, 0);
  close_store(db);
}

static void sizes_are_near_what_is_there(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "256KiB", NULL);
  uint64_t bytes = 99;
  uint64_t keys = 99;
  expect(STAVE_OK, stave_approximate_size(db, NULL, 0, NULL, 0, &bytes, &keys));
  assert_int_equal(bytes, 0);
  assert_int_equal(keys, 0);
  put_many(db, 10000, 100, 1);
  for (int sealed = 0; sealed < 2; sealed++) {
    expect(STAVE_OK, stave_approximate_size(db, NULL, 0, NULL, 0, &bytes, &keys));
    assert_true(keys > 9900 && keys < 10100);
    assert_true(bytes > 1200000 && bytes < 1400000);
    expect(STAVE_OK, stave_approximate_size(db, "key-2", 5, "key-4", 5, &bytes, &keys));
    assert_true(keys > 1800 && keys < 2200);
    assert_true(bytes > 220000 && bytes < 300000);
    expect(STAVE_OK, stave_approximate_size(db, "key-20", 6, "key-2099", 8, NULL, &keys));
    assert_true(keys > 80 && keys < 120);
    expect(STAVE_OK, stave_approximate_size(db, "l", 1, NULL, 0, &bytes, NULL));
    assert_int_equal(bytes, 0);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(what_is_in_the_range_goes_and_stays_away),
      CASE(a_prefix_ends_where_its_last_byte_rises),
      CASE(bounds_are_checked_and_an_empty_range_writes_nothing),
      CASE(writes_see_what_a_range_took),
      CASE(many_files_lose_the_range_whatever_merges_and_opens_come),
      CASE(a_range_alone_in_its_file_outlives_closing),
      CASE(an_open_after_a_kill_has_the_range),
      CASE(readers_beside_the_writer_see_it),
      CASE(a_million_keys_go_with_one_record),
      CASE(sizes_are_near_what_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
