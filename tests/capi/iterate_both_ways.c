/* Iterators up and down, turning anywhere, over ranges: against a sorted array. */
#include "random_walks.h"

static void random_walks_stand_where_the_table_says(void** state) {
  uint64_t random = test_seed();
  stave_db* db = open_store(*state, "max_file_size", "64KiB", "max_file_entries", "97", NULL);
  static table t;
  t.n = 0;
  for (unsigned round = 0; round < 10; round++) {
    write_random(db, &t, &random, 150);
    if (round == 3 || round == 7) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    for (unsigned i = 0; i < test_scaled(16); i++) {
      char from[kLetters + 1] = "";
      char to[kLetters + 1] = "";
      if (i % 4 >= 2) random_key(&random, from);
      if (i % 8 >= 4) random_key(&random, to);
      walk_range(db, &t, &random, from, to, i % 2 ? STAVE_ITER_REVERSE : 0);
      walk_range(db, &t, &random, from, to, STAVE_ITER_KEYS_ONLY);
    }
  }
  close_store(db);
}

static stave_iter* open_iter(stave_db* db, const char* from, const char* to, const char* prefix,
                             uint32_t flags, uint64_t limit) {
  stave_iter_options options = {.size = sizeof options, .flags = flags, .limit = limit};
  if (from) options.from = (stave_slice){from, strlen(from)};
  if (to) options.to = (stave_slice){to, strlen(to)};
  if (prefix) options.prefix = (stave_slice){prefix, strlen(prefix)};
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_open(db, &options, &it));
  return it;
}

/* The keys of a walk to its end, joined by spaces. */
static void expect_keys(stave_iter* it, const char* expected) {
  char got[256] = "";
  int code;
  while ((code = stave_iter_next(it)) == STAVE_OK) {
    size_t length = 0;
    const char* key = stave_iter_key(it, &length);
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", *got ? " " : "", (int)length,
             key);
  }
  assert_int_equal(code, STAVE_DONE);
  assert_string_equal(got, expected);
  stave_iter_destroy(it);
}

static stave_db* store_of(const scratch* s, const char* keys) {
  stave_db* db = open_store(s, NULL);
  for (; *keys != '\0'; keys++) put_text(db, (char[]){*keys, '\0'}, "v");
  return db;
}

static void ranges_and_prefixes_are_combined(void** state) {
  stave_db* db = open_store(*state, NULL);
  const char* keys[] = {"a", "b", "ba", "bb", "bc", "c", "\xff", "\xff\xff", "\xff\xff\x01"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) put_text(db, keys[i], "v");
  expect_keys(open_iter(db, "b", "c", NULL, 0, 0), "b ba bb bc");
  expect_keys(open_iter(db, "b", "c", NULL, STAVE_ITER_REVERSE, 0), "bc bb ba b");
  expect_keys(open_iter(db, NULL, NULL, "b", 0, 0), "b ba bb bc");
  expect_keys(open_iter(db, "bb", NULL, "b", 0, 0), "bb bc");
  expect_keys(open_iter(db, "a", "bb", "b", 0, 0), "b ba");
  expect_keys(open_iter(db, "a", "z", "b", STAVE_ITER_REVERSE, 0), "bc bb ba b");
  expect_keys(open_iter(db, "bx", NULL, NULL, 0, 3), "c \xff \xff\xff");
  expect_keys(open_iter(db, NULL, NULL, "\xff", 0, 0), "\xff \xff\xff \xff\xff\x01");
  expect_keys(open_iter(db, NULL, NULL, "\xff\xff", STAVE_ITER_REVERSE, 0),
              "\xff\xff\x01 \xff\xff");
  close_store(db);
}

static void an_empty_range_is_done_from_either_end(void** state) {
  stave_db* db = store_of(*state, "abc");
  const char* ranges[][3] = {{"b", "b", NULL},  {"c", "a", NULL},  {"bb", "c", NULL},
                             {"d", NULL, NULL}, {NULL, "a", NULL}, {NULL, NULL, "x"},
                             {"c", NULL, "a"},  {NULL, "a", "b"}};
  for (size_t i = 0; i < 2 * sizeof ranges / sizeof ranges[0]; i++) {
    const char** r = ranges[i / 2];
    stave_iter* it = open_iter(db, r[0], r[1], r[2], i % 2 ? STAVE_ITER_REVERSE : 0, 0);
    expect(STAVE_DONE, stave_iter_next(it));
    expect(STAVE_DONE, stave_iter_prev(it));
    expect(STAVE_DONE, stave_iter_seek(it, "b", 1));
    expect(STAVE_DONE, stave_iter_seek_last(it));
    expect(STAVE_DONE, stave_iter_seek_first(it));
    stave_iter_destroy(it);
  }
  close_store(db);
}

static void expect_at(stave_iter* it, const char* key) {
  size_t length = 0;
  const char* got = stave_iter_key(it, &length);
  assert_non_null(got);
  assert_int_equal(length, strlen(key));
  assert_memory_equal(got, key, length);
}

static void a_limit_counts_what_next_gives(void** state) {
  stave_db* db = store_of(*state, "abcdef");
  expect_keys(open_iter(db, NULL, NULL, NULL, 0, 2), "a b");
  expect_keys(open_iter(db, NULL, NULL, NULL, STAVE_ITER_REVERSE, 3), "f e d");
  expect_keys(open_iter(db, NULL, NULL, NULL, 0, 6), "a b c d e f");
  expect_keys(open_iter(db, NULL, NULL, NULL, 0, UINT64_MAX), "a b c d e f");
  stave_iter* it = open_iter(db, NULL, NULL, NULL, 0, 2);
  expect(STAVE_OK, stave_iter_next(it));
  expect(STAVE_OK, stave_iter_next(it));
  expect(STAVE_DONE, stave_iter_next(it));
  expect(STAVE_DONE, stave_iter_next(it));
  expect(STAVE_OK, stave_iter_prev(it)); /* back at the last that there was */
  expect_at(it, "b");
  expect(STAVE_OK, stave_iter_prev(it));
  expect_at(it, "a");
  expect(STAVE_OK, stave_iter_next(it));
  expect_at(it, "b");
  expect(STAVE_DONE, stave_iter_next(it));
  expect(STAVE_OK, stave_iter_seek(it, "cc", 2)); /* counts anew */
  expect_at(it, "d");
  expect(STAVE_OK, stave_iter_next(it));
  expect_at(it, "e");
  expect(STAVE_DONE, stave_iter_next(it));
  expect(STAVE_OK, stave_iter_seek_first(it));
  expect(STAVE_OK, stave_iter_next(it));
  expect_at(it, "b");
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
  close_store(db);
}

/* Each version of each key in one unsealed file: only the newest counts, from both sides. */
static void many_versions_of_a_key_are_one_entry(void** state) {
  stave_db* db = open_store(*state, NULL);
  for (unsigned i = 0; i < 900; i++) {
    char value[16];
    snprintf(value, sizeof value, "%u", i);
    put_text(db, (char[]){"abc"[i % 3], '\0'}, value);
    if (i % 9 == 4) delete_text(db, "b");
  }
  delete_text(db, "c");
  for (uint32_t flags = 0; flags < 2; flags++) {
    stave_iter* it = open_iter(db, NULL, NULL, NULL, flags, 0);
    for (int i = 0; i < 3; i++) {
      expect(STAVE_OK, stave_iter_next(it));
      expect_at(it, flags ? "b" : "a");
      expect(STAVE_OK, stave_iter_next(it));
      expect_at(it, flags ? "a" : "b");
      const void* value = NULL;
      size_t length = 0;
      expect(STAVE_OK, stave_iter_value(it, &value, &length));
      assert_memory_equal(value, flags ? "897" : "898", 3);
      expect(STAVE_DONE, stave_iter_next(it));
      expect(STAVE_OK, stave_iter_prev(it));
      expect(STAVE_OK, stave_iter_prev(it));
      expect(STAVE_DONE, stave_iter_prev(it));
    }
    stave_iter_destroy(it);
  }
  close_store(db);
}

static void versions_rise_with_every_put(void** state) {
  stave_db* db = store_of(*state, "ba");
  stave_iter* it = open_iter(db, NULL, NULL, NULL, 0, 0);
  assert_int_equal(stave_iter_version(it), 0);
  expect(STAVE_OK, stave_iter_next(it));
  uint64_t a = stave_iter_version(it);
  assert_int_equal(stave_iter_expires_at(it), 0);
  expect(STAVE_OK, stave_iter_next(it));
  assert_true(stave_iter_version(it) != 0 && stave_iter_version(it) < a);
  expect(STAVE_DONE, stave_iter_next(it));
  assert_int_equal(stave_iter_version(it), 0);
  stave_iter_destroy(it);
  assert_int_equal(stave_iter_version(NULL), 0);
  assert_int_equal(stave_iter_expires_at(NULL), 0);
  close_store(db);
}

/* Seeking by the memory that the iterator itself lends. */
static void its_own_key_may_be_sought(void** state) {
  stave_db* db = store_of(*state, "abcdefghijklmnopqrstuvwxyz");
  stave_iter* it = open_iter(db, NULL, NULL, NULL, 0, 0);
  for (char c = 'a'; c <= 'z'; c++) {
    expect(STAVE_OK, stave_iter_next(it));
    size_t length = 0;
    const void* key = stave_iter_key(it, &length);
    expect(STAVE_OK, stave_iter_seek(it, key, length));
    expect_at(it, (char[]){c, '\0'});
  }
  stave_iter_destroy(it);
  close_store(db);
}

static void options_are_checked(void** state) {
  stave_db* db = store_of(*state, "a");
  stave_iter* it = (stave_iter*)db;
  expect(STAVE_NULL_ARGUMENT, stave_iter_open(db, NULL, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_iter_open(NULL, NULL, &it));
  assert_null(it);
  stave_iter_options options = {0};
  expect(STAVE_INVALID_ARGUMENT, stave_iter_open(db, &options, &it));
  expect_text("size");
  options.size = sizeof options;
  options.flags = 4;
  expect(STAVE_INVALID_ARGUMENT, stave_iter_open(db, &options, &it));
  expect_text("STAVE_ITER_REVERSE");
  options.flags = 0;
  stave_slice* slices[] = {&options.from, &options.to, &options.prefix};
  const char* names[] = {"from", "to", "prefix"};
  for (size_t i = 0; i < 3; i++) {
    slices[i]->length = 1;
    expect(STAVE_NULL_ARGUMENT, stave_iter_open(db, &options, &it));
    expect_text(names[i]);
    slices[i]->length = 0;
  }
  options.size = 2 * sizeof(uint32_t); /* of an older header */
  options.limit = UINT64_MAX;
  expect(STAVE_OK, stave_iter_open(db, &options, &it));
  expect(STAVE_NULL_ARGUMENT, stave_iter_seek(it, NULL, 1));
  expect_keys(it, "a");
  expect(STAVE_OK, stave_iter_open(db, NULL, &it));
  expect_keys(it, "a");
  expect(STAVE_NULL_ARGUMENT, stave_iter_next(NULL));
  expect(STAVE_NULL_ARGUMENT, stave_iter_prev(NULL));
  expect(STAVE_NULL_ARGUMENT, stave_iter_seek(NULL, "a", 1));
  expect(STAVE_NULL_ARGUMENT, stave_iter_seek_first(NULL));
  expect(STAVE_NULL_ARGUMENT, stave_iter_seek_last(NULL));
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(random_walks_stand_where_the_table_says),
      CASE(ranges_and_prefixes_are_combined),
      CASE(an_empty_range_is_done_from_either_end),
      CASE(a_limit_counts_what_next_gives),
      CASE(many_versions_of_a_key_are_one_entry),
      CASE(versions_rise_with_every_put),
      CASE(its_own_key_may_be_sought),
      CASE(options_are_checked),
  };
  return cmocka_run_group_tests_name("iterate_both_ways", tests, NULL, NULL);
}
