/* Ranges that go beside puts, merges and reads of other threads. */
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"

static stave_db* reopened(scratch* s, stave_db* db) {
  close_store(db);
  return open_store(s, NULL);
}

enum { kWriters = 2, kEach = 300 };
static atomic_bool stop_reading;

struct shared {
  stave_db* db;
  unsigned thread;
  atomic_uint* wrong;
};

/* Puts all keys of its own prefix, deletes them by one call, and looks. */
static void* delete_own(void* argument) {
  struct shared* s = argument;
  char key[16];
  const char prefix[] = {(char)('a' + s->thread), '\0'};
  for (unsigned round = 0; round < 20; round++) {
    for (unsigned i = 0; i < kEach; i++) {
      const int length = snprintf(key, sizeof key, "%s%04u", prefix, i);
      if (stave_put(s->db, key, (size_t)length, &round, sizeof round, 0) != STAVE_OK) {
        atomic_fetch_add(s->wrong, 1);
      }
    }
    uint64_t count = 0;
    const char end[] = {(char)(prefix[0] + 1), '\0'};
    stave_count_range(s->db, prefix, 1, end, 1, &count);
    if (count != kEach) atomic_fetch_add(s->wrong, 1);
    if (stave_delete_prefix(s->db, prefix, 1, 0) != STAVE_OK) atomic_fetch_add(s->wrong, 1);
    for (unsigned i = 0; i < kEach; i++) {
      const int length = snprintf(key, sizeof key, "%s%04u", prefix, i);
      char buffer[8];
      void* spill = NULL;
      size_t got = 0;
      if (stave_get_into(s->db, key, (size_t)length, buffer, sizeof buffer, &got, &spill) !=
          STAVE_NOT_FOUND) {
        atomic_fetch_add(s->wrong, 1);
      }
    }
  }
  return NULL;
}

static void* merge_on(void* argument) {
  struct shared* s = argument;
  while (!atomic_load(&stop_reading)) {
    const int code = stave_merge(s->db, STAVE_MERGE_UNCAPPED);
    if (code != STAVE_OK && code != STAVE_CANCELLED) atomic_fetch_add(s->wrong, 1);
  }
  return NULL;
}

/* A key that nobody deletes is always there. */
static void* read_on(void* argument) {
  struct shared* s = argument;
  while (!atomic_load(&stop_reading)) {
    void* own = NULL;
    size_t length = 0;
    if (stave_get(s->db, "z", 1, &own, &length) != STAVE_OK || length != 1) {
      atomic_fetch_add(s->wrong, 1);
    }
    stave_free(own);
  }
  return NULL;
}

static void ranges_go_beside_puts_merges_and_reads(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  put_text(db, "z", "z");
  atomic_uint wrong = 0;
  atomic_store(&stop_reading, false);
  pthread_t threads[kWriters + 2];
  struct shared shared[kWriters + 2];
  for (unsigned i = 0; i < kWriters + 2; i++) {
    shared[i] = (struct shared){db, i, &wrong};
    void* (*const body)(void*) = i < kWriters ? delete_own : i == kWriters ? merge_on : read_on;
    assert_int_equal(pthread_create(&threads[i], NULL, body, &shared[i]), 0);
  }
  for (unsigned i = 0; i < kWriters; i++) pthread_join(threads[i], NULL);
  atomic_store(&stop_reading, true);
  for (unsigned i = kWriters; i < kWriters + 2; i++) pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&wrong), 0);
  assert_int_equal(count_keys(db), 1);
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  db = reopened(*state, db);
  assert_int_equal(count_keys(db), 1);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(ranges_go_beside_puts_merges_and_reads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
