/* Many keys read in one call: the same answers as single calls, and each key's own code. */
#include <pthread.h>

#include "harness.h"

enum { kKeysMax = 300 };
static const stave_value kUnset = {(const void*)1, 99, -1};

static stave_slice slice(const char* text) { return (stave_slice){text, strlen(text)}; }

/* Each answer must be what stave_get says. */
static void expect_as_single(stave_db* db, const stave_slice* keys, size_t n,
                             const stave_value* values) {
  for (size_t i = 0; i < n; i++) {
    void* own = NULL;
    size_t length = 0;
    int code = stave_get(db, keys[i].data, keys[i].length, &own, &length);
    if (code != values[i].code) print_error("key %zu\n", i);
    assert_int_equal(values[i].code, code);
    assert_int_equal(values[i].length, length);
    assert_true((values[i].data != NULL) == (code == STAVE_OK));
    if (length > 0) assert_memory_equal(values[i].data, own, length);
    stave_free(own);
  }
}

static void expect_all(stave_db* db, const stave_slice* keys, size_t n, size_t cap, int expected) {
  stave_value* values = malloc((n + 1) * sizeof *values);
  char* buffer = malloc(cap + 8);
  assert_true(values != NULL && buffer != NULL);
  for (size_t i = 0; i <= n; i++) values[i] = kUnset;
  memset(buffer, '#', cap + 8);
  void* spill = (void*)db;
  expect(expected, stave_multi_get(db, keys, n, cap ? buffer : NULL, cap, values, &spill));
  expect_as_single(db, keys, n, values);
  assert_true(values[n].data == kUnset.data && values[n].length == kUnset.length);
  assert_memory_equal(buffer + cap, "########", 8);
  size_t total = 0;
  for (size_t i = 0; i < n; i++) total += values[i].length;
  assert_true((spill != NULL) == (total > cap));
  stave_free(spill);
  free(buffer);
  free(values);
}

/* What a call that fails as a whole leaves. */
static void expect_none(const stave_value* values, size_t n, int code, const void* spill) {
  assert_null(spill);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(values[i].code, code);
    assert_true(values[i].data == NULL && values[i].length == 0);
  }
}

static void every_number_of_keys_is_answered_like_single_calls(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  put_many(db, 200, 700, 1); /* over several files */
  put_text(db, "key-0007", "");
  put_text(db, "key-0100", "short");
  delete_text(db, "key-0011");
  static char names[kKeysMax][16];
  stave_slice keys[kKeysMax];
  uint64_t random = test_seed();
  for (unsigned i = 0; i < kKeysMax; i++) { /* a third is missing; many come twice */
    snprintf(names[i], sizeof names[i], "key-%04u", (unsigned)(next_random(&random) % 300));
    keys[i] = slice(names[i]);
  }
  for (size_t n = 0; n <= 70; n++) expect_all(db, keys, n, kKeysMax * 700, STAVE_OK);
  expect_all(db, keys, kKeysMax, kKeysMax * 700, STAVE_OK);
  for (size_t cap = 0; cap < 4000; cap += 37) expect_all(db, keys, 40, cap, STAVE_OK);
  close_store(db);
}

static void empty_and_large_and_repeated(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  enum { kLarge = 3 << 20 };
  char* large = malloc(kLarge);
  assert_non_null(large);
  fill_bytes(large, kLarge, 7);
  put_text(db, "empty", "");
  put_text(db, "small", "s");
  expect(STAVE_OK, stave_put(db, "large", 5, large, kLarge, 0));
  const stave_slice keys[] = {slice("empty"), slice("large"), slice("none"),
                              slice("empty"), slice("small"), slice("large")};
  for (int reopened = 0; reopened < 2; reopened++) {
    expect_all(db, keys, 6, 0, STAVE_OK);
    expect_all(db, keys, 6, 1, STAVE_OK);
    expect_all(db, keys, 6, kLarge, STAVE_OK);
    expect_all(db, keys, 6, 2 * kLarge + 1, STAVE_OK);
    expect_all(db, keys, 1, 0, STAVE_OK); /* the empty value fits into nothing */
    close_store(db);
    db = open_store(*state, NULL);
  }
  free(large);
  close_store(db);
}

static void no_keys_at_all(void** state) {
  stave_db* db = open_store(*state, NULL);
  void* spill = (void*)state;
  expect(STAVE_OK, stave_multi_get(db, NULL, 0, NULL, 0, NULL, &spill));
  assert_null(spill);
  expect(STAVE_OK, stave_close(db));
  expect(STAVE_CLOSED, stave_multi_get(db, NULL, 0, NULL, 0, NULL, &spill));
  stave_release(db);
}

static void bad_arguments_are_of_the_whole_call(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "a", "1");
  char* oversize = calloc(1, STAVE_KEY_SIZE_MAX + 1);
  assert_non_null(oversize);
  const stave_slice bad[] = {{"", 0}, {oversize, STAVE_KEY_SIZE_MAX + 1}, {NULL, 1}, {NULL, 0}};
  const int codes[] = {STAVE_EMPTY_KEY, STAVE_KEY_TOO_LARGE, STAVE_NULL_ARGUMENT, STAVE_EMPTY_KEY};
  stave_value values[3];
  char buffer[8];
  void* spill;
  for (int i = 0; i < 4; i++) {
    const stave_slice keys[] = {slice("a"), bad[i], slice("a")};
    for (int j = 0; j < 3; j++) values[j] = kUnset;
    spill = (void*)state;
    expect(codes[i], stave_multi_get(db, keys, 3, buffer, sizeof buffer, values, &spill));
    expect_text("key 1 of 3");
    expect_none(values, 3, codes[i], spill);
  }
  free(oversize);
  const stave_slice a = slice("a");
  values[0] = kUnset;
  expect(STAVE_NULL_ARGUMENT, stave_multi_get(NULL, &a, 1, buffer, 8, values, &spill));
  expect_none(values, 1, STAVE_NULL_ARGUMENT, spill);
  expect(STAVE_NULL_ARGUMENT, stave_multi_get(db, NULL, 1, buffer, 8, values, &spill));
  expect_text("keys is NULL");
  expect(STAVE_NULL_ARGUMENT, stave_multi_get(db, &a, 1, buffer, 8, NULL, &spill));
  expect_text("values is NULL");
  expect(STAVE_NULL_ARGUMENT, stave_multi_get(db, &a, 1, buffer, 8, values, NULL));
  expect_text("spill is NULL");
  expect(STAVE_NULL_ARGUMENT, stave_multi_get(db, &a, 1, NULL, 8, values, &spill));
  expect_text("buffer is NULL");
  expect_none(values, 1, STAVE_NULL_ARGUMENT, spill);
  close_store(db);
}

static void a_read_only_store_answers_too(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_many(db, 50, 100, 1);
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  const stave_slice keys[] = {slice("key-0049"), slice("key-0050"), slice("key-0000")};
  expect_all(reader, keys, 3, 1000, STAVE_OK);
  put_text(db, "key-0050", "new");
  expect(STAVE_OK, stave_refresh(reader));
  expect_all(reader, keys, 3, 1000, STAVE_OK);
  close_store(reader);
  close_store(db);
}

/* Keys that the hash takes for one another: the older is gone, never given another's value. */
static void colliding_keys_never_get_each_others_value(void** state) {
  stave_db* db = open_store(*state, "test.hash_bits", "4", NULL);
  char names[40][16];
  stave_slice keys[40];
  for (int i = 0; i < 40; i++) {
    snprintf(names[i], sizeof names[i], "k%d", i);
    keys[i] = slice(names[i]);
    put_text(db, names[i], names[i]);
  }
  expect_all(db, keys, 40, 4096, STAVE_OK);
  close_store(db);
}

static void a_damaged_record_is_that_keys_own_code(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "merge.policy", "never", NULL);
  static const char kMark[] = "a value that the test finds again";
  put_many(db, 40, 100, 1);
  put_text(db, "key-0020", kMark);
  expect(STAVE_OK, stave_merge(db, 0)); /* seals the file: then its hint is read, and not it */
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  for (size_t f = 0; f < logs.count; f++) {
    size_t length = 0;
    char* bytes = read_whole(s->store, logs.name[f], &length);
    for (size_t i = 0; i + sizeof kMark <= length; i++) {
      if (memcmp(bytes + i, kMark, sizeof kMark - 1) == 0) flip_bit(s->store, logs.name[f], i * 8);
    }
    free(bytes);
  }
  db = open_store(s, "read_only", "true", NULL);
  char names[41][16];
  stave_slice keys[41];
  for (unsigned i = 0; i < 41; i++) { /* the last one is missing */
    snprintf(names[i], sizeof names[i], "key-%04u", i);
    keys[i] = slice(names[i]);
  }
  expect_all(db, keys, 41, 8000, STAVE_CORRUPT);
  expect_all(db, keys, 41, 0, STAVE_CORRUPT);
  stave_value values[41];
  void* spill = NULL;
  expect(STAVE_CORRUPT, stave_multi_get(db, keys, 41, NULL, 0, values, &spill));
  expect_text("key 20 of 41: ");
  expect_text(".log at offset ");
  for (unsigned i = 0; i < 41; i++) {
    int code = i == 20 ? STAVE_CORRUPT : i == 40 ? STAVE_NOT_FOUND : STAVE_OK;
    assert_int_equal(values[i].code, code);
  }
  stave_free(spill);
  close_store(db);
}

static void keys_count_as_gets(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "a", "1");
  stave_slice keys[100];
  for (int i = 0; i < 100; i++) keys[i] = slice("a");
  uint64_t before = stats_of(db).gets;
  expect_all(db, keys, 100, 100, STAVE_OK); /* gets each one again by itself */
  assert_int_equal(stats_of(db).gets - before, 200);
  close_store(db);
}

enum { kShared = 64, kReaders = 3 };

typedef struct reader {
  pthread_t thread;
  stave_db* db;
  const int* stop;
  const char* wrong;
  uint64_t rounds;
} reader;

/* All values of key i are `i` followed by a version that only rises. */
static void* read_all_the_time(void* argument) {
  reader* r = argument;
  unsigned ids[kShared];
  stave_slice keys[kShared];
  stave_value values[kShared];
  unsigned seen[kShared] = {0};
  for (unsigned i = 0; i < kShared; i++) {
    ids[i] = i;
    keys[i] = (stave_slice){&ids[i], sizeof ids[i]};
  }
  while (r->wrong == NULL && !__atomic_load_n(r->stop, __ATOMIC_ACQUIRE)) {
    char buffer[kShared * 4]; /* half of the values go into the spill */
    void* spill = NULL;
    int code = stave_multi_get(r->db, keys, kShared, buffer, sizeof buffer, values, &spill);
    if (code != STAVE_OK) r->wrong = stave_status_name(code);
    for (unsigned i = 0; code == STAVE_OK && i < kShared; i++) {
      unsigned got[2] = {0, 0};
      if (values[i].code != STAVE_OK || values[i].length != sizeof got) {
        r->wrong = "no value, or one of a wrong length";
        continue;
      }
      memcpy(got, values[i].data, sizeof got);
      if (got[0] != i) r->wrong = "another key's value";
      if (got[1] < seen[i]) r->wrong = "an older value after a newer one";
      seen[i] = got[1];
    }
    stave_free(spill);
    r->rounds++;
  }
  return NULL;
}

static void beside_puts_and_merges(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  int stop = 0;
  static reader readers[kReaders];
  memset(readers, 0, sizeof readers);
  for (unsigned version = 1; version <= test_scaled(2000); version++) {
    for (unsigned i = 0; i < kShared; i++) {
      unsigned value[2] = {i, version};
      expect(STAVE_OK, stave_put(db, &i, sizeof i, value, sizeof value, 0));
    }
    if (version % 100 == 0) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    for (int i = 0; version == 1 && i < kReaders; i++) {
      readers[i].db = db;
      readers[i].stop = &stop;
      assert_int_equal(pthread_create(&readers[i].thread, NULL, read_all_the_time, &readers[i]), 0);
    }
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < kReaders; i++) {
    pthread_join(readers[i].thread, NULL);
    if (readers[i].wrong) print_error("%s\n", readers[i].wrong);
    assert_null(readers[i].wrong);
  }
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_number_of_keys_is_answered_like_single_calls),
      CASE(empty_and_large_and_repeated),
      CASE(no_keys_at_all),
      CASE(bad_arguments_are_of_the_whole_call),
      CASE(a_read_only_store_answers_too),
      CASE(colliding_keys_never_get_each_others_value),
      CASE(a_damaged_record_is_that_keys_own_code),
      CASE(keys_count_as_gets),
      CASE(beside_puts_and_merges),
  };
  return cmocka_run_group_tests_name("multi_get", tests, NULL, NULL);
}
