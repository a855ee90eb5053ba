/* Deleting everything: nothing is left, not even its space, and nobody is misled meanwhile. */
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"

static stave_db* reopened(scratch* s, stave_db* db) {
  close_store(db);
  return open_store(s, NULL);
}

static void iterators_and_feeds_keep_their_moment(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_many(db, 8, 1, 1);
  stave_iter* before = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &before));
  stave_feed* feed = NULL;
  expect(STAVE_OK, stave_feed_open(db, 8, &feed));
  expect(STAVE_OK, stave_delete_range(db, "key-0002", 8, NULL, 0, 0));
  expect(STAVE_OK, stave_clear(db, 0));
  put_text(db, "z", "z");
  unsigned seen = 0;
  while (stave_iter_next(before) == STAVE_OK) {
    const void* value = NULL;
    size_t length = 0;
    expect(STAVE_OK, stave_iter_value(before, &value, &length));
    seen++;
  }
  assert_int_equal(seen, 8);
  stave_iter_destroy(before);
  stave_change c = {.size = sizeof c};
  expect(STAVE_OK, stave_feed_next(feed, 0, &c));
  assert_int_equal(c.kind, STAVE_CHANGE_DELETE_RANGE);
  assert_int_equal(c.seq, 9);
  assert_int_equal(c.key_length, 8);
  assert_memory_equal(c.key, "key-0002", c.key_length);
  assert_int_equal(c.value_length, 0);
  expect(STAVE_OK, stave_feed_next(feed, 0, &c));
  assert_int_equal(c.kind, STAVE_CHANGE_DELETE_RANGE);
  assert_int_equal(c.key_length, 0);
  expect(STAVE_OK, stave_feed_next(feed, 0, &c));
  assert_int_equal(c.kind, STAVE_CHANGE_PUT);
  stave_feed_destroy(feed);
  expect(STAVE_FEED_GONE, stave_feed_open(db, 8, &feed));
  close_store(db);
}

static void clear_takes_everything_and_its_space(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  expect(STAVE_OK, stave_clear(db, 0)); /* of a store with nothing in it */
  assert_int_equal(count_keys(db), 0);
  for (unsigned round = 1; round <= 3; round++) {
    put_many(db, 2000, 100, round);
    assert_int_equal(count_keys(db), 2000);
    expect(STAVE_OK, stave_clear(db, round == 2 ? STAVE_WRITE_SYNC : 0));
    expect_missing(db, "key-0000");
    assert_int_equal(count_keys(db), 0);
    const stave_stats stats = stats_of(db);
    assert_int_equal(stats.keys, 0);
    assert_int_equal(stats.live_bytes, 0);
    assert_true(stats.disk_bytes < 4096);
    put_text(db, "key-0001", "new");
    if (round == 3) db = reopened(s, db);
    expect_holds(db, "key-0001", "new");
    assert_int_equal(count_keys(db), 1);
  }
  expect(STAVE_OK, stave_clear(db, 0));
  const uint64_t last = stats_of(db).last_seq;
  db = reopened(s, db);
  assert_int_equal(count_keys(db), 0);
  assert_int_equal(stats_of(db).last_seq, last);
  put_text(db, "a", "a");
  assert_int_equal(stats_of(db).last_seq, last + 1);
  close_store(db);
}

/* ---- Beside other threads. */

static atomic_bool stop;

struct shared {
  stave_db* db;
  atomic_uint wrong;
};

static void* merge_on(void* argument) {
  struct shared* s = argument;
  while (!atomic_load(&stop)) {
    const int code = stave_merge(s->db, STAVE_MERGE_UNCAPPED);
    if (code != STAVE_OK && code != STAVE_CANCELLED) atomic_fetch_add(&s->wrong, 1);
  }
  return NULL;
}

static void* clear_on(void* argument) {
  struct shared* s = argument;
  for (unsigned round = 0; round < 30; round++) {
    if (stave_clear(s->db, 0) != STAVE_OK) atomic_fetch_add(&s->wrong, 1);
  }
  return NULL;
}

/* Puts go on and find what they put, or nothing, but never another value. */
static void* put_on(void* argument) {
  struct shared* s = argument;
  while (!atomic_load(&stop)) {
    for (unsigned i = 0; i < 2000; i++) {
      char key[16];
      const int length = snprintf(key, sizeof key, "k%04u", i);
      if (stave_put(s->db, key, (size_t)length, key, (size_t)length, 0) != STAVE_OK) {
        atomic_fetch_add(&s->wrong, 1);
      }
      char buffer[16];
      void* spill = NULL;
      size_t got = 0;
      const int code =
          stave_get_into(s->db, key, (size_t)length, buffer, sizeof buffer, &got, &spill);
      if (code != STAVE_NOT_FOUND &&
          (code != STAVE_OK || got != (size_t)length || memcmp(buffer, key, got) != 0)) {
        atomic_fetch_add(&s->wrong, 1);
      }
    }
  }
  return NULL;
}

static void clears_go_beside_puts_and_merges(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  atomic_store(&stop, false);
  pthread_t threads[3];
  struct shared shared = {.db = db};
  void* (*const bodies[3])(void*) = {put_on, merge_on, clear_on};
  for (unsigned i = 0; i < 3; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, bodies[i], &shared), 0);
  }
  pthread_join(threads[2], NULL);
  atomic_store(&stop, true);
  for (unsigned i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&shared.wrong), 0);
  const uint64_t keys = count_keys(db);
  assert_int_equal(stats_of(db).keys, keys);
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  expect(STAVE_OK, stave_clear(db, 0));
  assert_int_equal(count_keys(db), 0);
  assert_int_equal(stats_of(db).keys, 0);
  assert_int_equal(stats_of(db).live_bytes, 0);
  db = reopened(*state, db);
  assert_int_equal(count_keys(db), 0);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(iterators_and_feeds_keep_their_moment),
      CASE(clear_takes_everything_and_its_space),
      CASE(clears_go_beside_puts_and_merges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
