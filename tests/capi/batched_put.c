/* Many keys put in one call: as single puts would, a prefix where one fails. */
#include <errno.h>
#include <pthread.h>
#include <sys/mount.h>

#include "harness.h"

enum { kMost = 3000 };

typedef struct entries {
  size_t n;
  char names[kMost][16];
  stave_slice keys[kMost], values[kMost];
  char* bytes;
} entries;

/* n entries key-0000, key-0001, ... with the values of put_many(db, n, size, round). */
static entries* make_entries(size_t n, size_t size, unsigned round) {
  entries* e = calloc(1, sizeof *e);
  assert_non_null(e);
  e->n = n;
  e->bytes = malloc(n * size + 1);
  assert_non_null(e->bytes);
  for (size_t i = 0; i < n; i++) {
    int length = snprintf(e->names[i], sizeof e->names[i], "key-%04u", (unsigned)i);
    fill_bytes(e->bytes + i * size, size, (uint64_t)round << 32 | i);
    e->keys[i] = (stave_slice){e->names[i], (size_t)length};
    e->values[i] = (stave_slice){e->bytes + i * size, size};
  }
  return e;
}

static void free_entries(entries* e) {
  free(e->bytes);
  free(e);
}

static void put_entries(stave_db* db, const entries* e, uint32_t flags) {
  size_t stored = 99;
  expect(STAVE_OK, stave_put_many(db, e->keys, e->values, e->n, flags, &stored));
  assert_int_equal(stored, e->n);
}

static void every_number_of_entries_is_stored(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  static const size_t kCounts[] = {1, 2, 31, 32, 33, 63, 64, 65, 500, kMost};
  unsigned round = 0;
  for (size_t i = 0; i < sizeof kCounts / sizeof *kCounts; i++) {
    entries* e = make_entries(kCounts[i], 150, ++round);
    uint64_t seq = stats_of(db).last_seq;
    put_entries(db, e, 0);
    assert_int_equal(stats_of(db).last_seq, seq + kCounts[i]);
    expect_many(db, (unsigned)kCounts[i], 150, round);
    assert_int_equal(stats_of(db).keys, kCounts[i]);
    free_entries(e);
  }
  stave_release(db); /* no checkpoint: the log alone */
  db = open_store(s, NULL);
  expect_many(db, kMost, 150, round);
  assert_int_equal(count_keys(db), kMost);
  close_store(db);
}

static void without_background_threads(void** state) {
  stave_db* db = open_store(*state, "background", "false", "max_file_size", "64KiB", NULL);
  entries* e = make_entries(kMost, 400, 1);
  put_entries(db, e, 0);
  put_entries(db, e, STAVE_WRITE_SYNC);
  expect_many(db, kMost, 400, 1);
  assert_int_equal(stats_of(db).durable_seq, 2 * kMost);
  free_entries(e);
  close_store(db);
}

static void the_last_of_a_repeated_key_stays(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_slice keys[100];
  stave_slice values[100];
  static const char kDigits[] = "0123456789";
  for (int i = 0; i < 100; i++) {
    keys[i] = (stave_slice){kDigits + i % 10, 1};
    values[i] = (stave_slice){kDigits + i / 10, (size_t)(i < 95 ? 1 : 0)};
  }
  expect(STAVE_OK, stave_put_many(db, keys, values, 100, 0, NULL));
  for (int i = 0; i < 10; i++) expect_bytes(db, kDigits + i, 1, "9", i < 5 ? 1 : 0);
  assert_int_equal(stats_of(db).keys, 10);
  assert_int_equal(stats_of(db).last_seq, 100);
  close_store(db);
}

static void empty_and_large_values(void** state) {
  scratch* s = *state;
  enum { kLarge = 3 << 20 };
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  char* large = malloc(kLarge);
  assert_non_null(large);
  fill_bytes(large, kLarge, 3);
  const stave_slice keys[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
  const stave_slice values[] = {{NULL, 0}, {large, kLarge}, {"", 0}, {large + 1, kLarge - 1}};
  size_t stored = 0;
  expect(STAVE_OK, stave_put_many(db, keys, values, 4, 0, &stored));
  assert_int_equal(stored, 4);
  for (int reopened = 0; reopened < 2; reopened++) {
    for (int i = 0; i < 4; i++) expect_bytes(db, keys[i].data, 1, values[i].data, values[i].length);
    close_store(db);
    db = open_store(s, NULL);
  }
  free(large);
  close_store(db);
}

static void nothing_is_stored_if_any_argument_is_bad(void** state) {
  stave_db* db = open_store(*state, NULL);
  char* oversize = calloc(1, STAVE_KEY_SIZE_MAX + 1);
  assert_non_null(oversize);
  entries* e = make_entries(50, 10, 1);
  const stave_slice good = e->keys[30];
  const stave_slice bad[] = {{oversize, STAVE_KEY_SIZE_MAX + 1}, {"", 0}, {NULL, 3}};
  const int codes[] = {STAVE_KEY_TOO_LARGE, STAVE_EMPTY_KEY, STAVE_NULL_ARGUMENT};
  size_t stored = 99;
  for (int i = 0; i < 3; i++) {
    stored = 99;
    e->keys[30] = bad[i];
    expect(codes[i], stave_put_many(db, e->keys, e->values, 50, 0, &stored));
    expect_text("key 30 of 50");
    assert_int_equal(stored, 0);
  }
  e->keys[30] = good;
  e->values[49].data = NULL;
  expect(STAVE_NULL_ARGUMENT, stave_put_many(db, e->keys, e->values, 50, 0, &stored));
  expect_text("value 49 of 50");
  e->values[49] = (stave_slice){"", (size_t)STAVE_VALUE_SIZE_MAX + 1};
  expect(STAVE_VALUE_TOO_LARGE, stave_put_many(db, e->keys, e->values, 50, 0, &stored));
  expect(STAVE_INVALID_ARGUMENT, stave_put_many(db, e->keys, e->values, 49, 3, &stored));
  stored = 99;
  expect(STAVE_NULL_ARGUMENT, stave_put_many(db, NULL, e->values, 1, 0, &stored));
  assert_int_equal(stored, 0);
  expect(STAVE_NULL_ARGUMENT, stave_put_many(db, e->keys, NULL, 1, 0, &stored));
  expect(STAVE_NULL_ARGUMENT, stave_put_many(NULL, e->keys, e->values, 1, 0, &stored));
  assert_int_equal(stats_of(db).keys, 0);
  stored = 99;
  expect(STAVE_OK, stave_put_many(db, NULL, NULL, 0, 0, &stored));
  expect(STAVE_OK, stave_put_many(db, NULL, NULL, 0, STAVE_WRITE_SYNC, NULL));
  assert_int_equal(stored, 0);
  assert_int_equal(stats_of(db).last_seq, 0);
  free(oversize);
  free_entries(e);
  close_store(db);
}

static void one_flush_makes_all_durable(void** state) {
  stave_db* db = open_store(*state, NULL);
  entries* e = make_entries(200, 50, 1);
  put_entries(db, e, STAVE_WRITE_NO_SYNC);
  assert_true(stats_of(db).durable_seq < 200);
  uint64_t syncs = stats_of(db).syncs;
  put_entries(db, e, STAVE_WRITE_SYNC);
  assert_int_equal(stats_of(db).durable_seq, 400);
  assert_int_equal(stats_of(db).syncs, syncs + 1);
  expect_many(db, 200, 50, 1);
  free_entries(e);
  close_store(db);
}

static void a_read_only_store_refuses(void** state) {
  scratch* s = *state;
  close_store(open_store(s, NULL));
  stave_db* db = open_store(s, "read_only", "true", NULL);
  entries* e = make_entries(3, 50, 1);
  size_t stored = 99;
  expect(STAVE_READ_ONLY, stave_put_many(db, e->keys, e->values, 3, 0, &stored));
  assert_int_equal(stored, 0);
  free_entries(e);
  close_store(db);
}

static void on_a_full_disk_a_prefix_is_stored(void** state) {
  scratch* s = *state;
  if (mount("tmpfs", s->dir, "tmpfs", 0, "size=8m") != 0) {
    print_message("skipped: no tmpfs can be mounted: %s\n", strerror(errno));
    skip();
  }
  static const uint32_t kFlags[] = {0, STAVE_WRITE_SYNC};
  entries* e = make_entries(kMost, 4000, 1); /* 12 MB */
  for (int i = 0; i < 2; i++) {
    stave_db* db = open_store(s, "max_file_size", "512KiB", "merge.policy", "never", NULL);
    size_t stored = 0;
    expect(STAVE_NO_SPACE, stave_put_many(db, e->keys, e->values, kMost, kFlags[i], &stored));
    assert_true(stored > 1000 && stored < kMost);
    stave_stats stats = stats_of(db);
    assert_int_equal(stats.keys, stored);
    assert_int_equal(stats.last_seq, stored);
    if (kFlags[i] == STAVE_WRITE_SYNC) assert_int_equal(stats.durable_seq, stored);
    expect_many(db, (unsigned)stored, 4000, 1);
    stave_release(db);
    db = open_store(s, "read_only", "true", NULL);
    assert_int_equal(count_keys(db), stored);
    close_store(db);
    remove_tree(s->store);
  }
  free_entries(e);
  assert_int_equal(umount2(s->dir, MNT_DETACH), 0);
}

enum { kWriters = 4, kOwn = 100 };

typedef struct writer {
  pthread_t thread;
  stave_db* db;
  unsigned number, versions;
  uint32_t flags;
  int code;
} writer;

static void make_pair(unsigned number, unsigned key, unsigned version, unsigned pair[3]) {
  pair[0] = number;
  pair[1] = key;
  pair[2] = version;
}

static void* write_versions(void* argument) {
  writer* w = argument;
  unsigned pairs[kOwn][3];
  stave_slice keys[kOwn];
  stave_slice values[kOwn];
  for (unsigned version = 1; version <= w->versions && w->code == STAVE_OK; version++) {
    for (unsigned i = 0; i < kOwn; i++) {
      make_pair(w->number, i, version, pairs[i]);
      keys[i] = (stave_slice){pairs[i], 2 * sizeof(unsigned)};
      values[i] = (stave_slice){pairs[i], sizeof pairs[i]};
    }
    size_t stored = 0;
    w->code = stave_put_many(w->db, keys, values, kOwn, w->flags, &stored);
    if (w->code == STAVE_OK && stored != kOwn) w->code = STAVE_INTERNAL;
  }
  return NULL;
}

static void several_threads_at_once(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  static writer writers[kWriters];
  memset(writers, 0, sizeof writers);
  for (unsigned i = 0; i < kWriters; i++) {
    uint32_t flags = i == 0 ? STAVE_WRITE_SYNC : 0;
    writers[i] = (writer){.db = db, .number = i, .versions = test_scaled(100), .flags = flags};
    assert_int_equal(pthread_create(&writers[i].thread, NULL, write_versions, &writers[i]), 0);
  }
  for (int i = 0; i < 10; i++) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  for (unsigned i = 0; i < kWriters; i++) pthread_join(writers[i].thread, NULL);
  for (int reopened = 0; reopened < 2; reopened++) {
    for (unsigned i = 0; i < kWriters * kOwn; i++) {
      assert_int_equal(writers[i / kOwn].code, STAVE_OK);
      unsigned pair[3];
      make_pair(i / kOwn, i % kOwn, writers[i / kOwn].versions, pair);
      expect_bytes(db, pair, 2 * sizeof(unsigned), pair, sizeof pair);
    }
    assert_int_equal(stats_of(db).keys, kWriters * kOwn);
    stave_release(db);
    db = open_store(s, NULL);
  }
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_number_of_entries_is_stored),
      CASE(without_background_threads),
      CASE(the_last_of_a_repeated_key_stays),
      CASE(empty_and_large_values),
      CASE(nothing_is_stored_if_any_argument_is_bad),
      CASE(one_flush_makes_all_durable),
      CASE(a_read_only_store_refuses),
      CASE(on_a_full_disk_a_prefix_is_stored),
      CASE(several_threads_at_once),
  };
  return cmocka_run_group_tests_name("batched_put", tests, NULL, NULL);
}
