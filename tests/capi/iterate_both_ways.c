/* Iterators up and down, turning anywhere, over ranges: against a sorted array. */
#include "harness.h"

enum { kKeysMax = 600, kLetters = 8 };

typedef struct entry {
  char key[kLetters + 1];
  char value[16];
} entry;

/* What the store must hold, sorted. */
typedef struct table {
  entry entries[kKeysMax];
  size_t n;
} table;

static size_t at_or_after(const table* t, const char* key) {
  size_t i = 0;
  while (i < t->n && strcmp(t->entries[i].key, key) < 0) i++;
  return i;
}

static void table_put(table* t, const char* key, const char* value) {
  size_t i = at_or_after(t, key);
  if (i == t->n || strcmp(t->entries[i].key, key) != 0) {
    memmove(&t->entries[i + 1], &t->entries[i], (t->n - i) * sizeof t->entries[0]);
    t->n++;
  }
  strcpy(t->entries[i].key, key);
  strcpy(t->entries[i].value, value);
}

static void table_delete(table* t, const char* key) {
  size_t i = at_or_after(t, key);
  if (i == t->n || strcmp(t->entries[i].key, key) != 0) return;
  t->n--;
  memmove(&t->entries[i], &t->entries[i + 1], (t->n - i) * sizeof t->entries[0]);
}

/* Two letters: many keys begin as others do, or are others' beginnings. */
static void random_key(uint64_t* random, char* key) {
  size_t length = 1 + next_random(random) % kLetters;
  for (size_t i = 0; i < length; i++) key[i] = "ab"[next_random(random) % 2];
  key[length] = '\0';
}

static void write_random(stave_db* db, table* t, uint64_t* random, unsigned operations) {
  for (unsigned i = 0; i < operations; i++) {
    char key[kLetters + 1];
    char value[16];
    random_key(random, key);
    snprintf(value, sizeof value, "%llu", (unsigned long long)(next_random(random) % 1000000));
    if (next_random(random) % 4 == 0) {
      int code = stave_delete(db, key, strlen(key), 0);
      assert_true(code == STAVE_OK || code == STAVE_NOT_FOUND);
      table_delete(t, key);
    } else {
      put_text(db, key, value);
      table_put(t, key, value);
    }
  }
}

/* A walk and where it must stand: entries [first, last) of the table, in its direction. */
typedef struct walk {
  const table* t;
  bool reverse;
  size_t first, last;
  long at; /* -1: before all, count: behind all */
  stave_iter* it;
} walk;

static long count_of(const walk* w) { return (long)(w->last - w->first); }

static const entry* entry_at(const walk* w) {
  size_t i = (size_t)w->at;
  return &w->t->entries[w->reverse ? w->last - 1 - i : w->first + i];
}

static void check(walk* w, int code) {
  const bool there = w->at >= 0 && w->at < count_of(w);
  if (code != STAVE_OK && code != STAVE_DONE) print_error("%s\n", stave_last_error());
  assert_int_equal(code, there ? STAVE_OK : STAVE_DONE);
  size_t length = 99;
  const char* key = stave_iter_key(w->it, &length);
  if (!there) {
    assert_null(key);
    assert_int_equal(length, 0);
    return;
  }
  const entry* e = entry_at(w);
  assert_int_equal(length, strlen(e->key));
  assert_memory_equal(key, e->key, length);
  const void* value = NULL;
  expect(STAVE_OK, stave_iter_value(w->it, &value, &length));
  assert_int_equal(length, strlen(e->value));
  assert_memory_equal(value, e->value, length);
}

static void step(walk* w, bool forward) {
  if (forward && w->at < count_of(w)) w->at++;
  if (!forward && w->at >= 0) w->at--;
  check(w, forward ? stave_iter_next(w->it) : stave_iter_prev(w->it));
}

static void seek(walk* w, const char* key) {
  size_t i = at_or_after(w->t, key);
  if (w->reverse) {
    bool same = i < w->t->n && strcmp(w->t->entries[i].key, key) == 0;
    size_t below = same ? i + 1 : i; /* entries at or before the key */
    if (below > w->last) below = w->last;
    w->at = below > w->first ? (long)(w->last - below) : count_of(w);
  } else {
    if (i < w->first) i = w->first;
    w->at = i < w->last ? (long)(i - w->first) : count_of(w);
  }
  check(w, stave_iter_seek(w->it, key, strlen(key)));
}

static void go_about(walk* w, uint64_t* random, unsigned steps) {
  unsigned odds = 5; /* of ten: that a step is forward */
  for (unsigned i = 0; i < steps; i++) {
    char key[kLetters + 1];
    unsigned what = (unsigned)(next_random(random) % 100);
    if (what < 3) {
      random_key(random, key);
      seek(w, key);
    } else if (what == 3) {
      w->at = 0;
      check(w, stave_iter_seek_first(w->it));
    } else if (what == 4) {
      w->at = count_of(w) - 1;
      check(w, stave_iter_seek_last(w->it));
    } else {
      if (what < 10) odds = (unsigned)(next_random(random) % 11);
      step(w, next_random(random) % 10 < odds);
    }
  }
}

static void walk_range(stave_db* db, const table* t, uint64_t* random, const char* from,
                       const char* to, uint32_t flags) {
  stave_iter_options options = {.size = sizeof options, .flags = flags};
  options.from = (stave_slice){from, strlen(from)};
  options.to = (stave_slice){to, strlen(to)};
  walk w = {.t = t, .reverse = flags & STAVE_ITER_REVERSE, .at = -1};
  w.first = at_or_after(t, from);
  w.last = *to == '\0' ? t->n : at_or_after(t, to);
  if (w.last < w.first) w.last = w.first;
  expect(STAVE_OK, stave_iter_open(db, &options, &w.it));
  assert_null(stave_iter_key(w.it, NULL));
  step(&w, false);
  go_about(&w, random, 150);
  stave_iter_destroy(w.it);
}

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
