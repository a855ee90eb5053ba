/* The change feed: every operation once, in order, for as long as the files have it. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "harness.h"

static stave_feed* feed_after(stave_db* db, uint64_t seq) {
  stave_feed* feed = NULL;
  expect(STAVE_OK, stave_feed_open(db, seq, &feed));
  return feed;
}

static stave_change next_of(stave_feed* feed) {
  stave_change change = {.size = sizeof change};
  expect(STAVE_OK, stave_feed_next(feed, 0, &change));
  return change;
}

static void expect_none(stave_feed* feed) {
  stave_change change = {.size = sizeof change};
  expect(STAVE_DONE, stave_feed_next(feed, 0, &change));
  assert_null(change.key);
}

static void expect_change(stave_feed* feed, uint32_t kind, uint64_t seq, const char* key,
                          const char* value) {
  const stave_change c = next_of(feed);
  assert_int_equal(c.kind, kind);
  assert_int_equal(c.seq, seq);
  assert_int_equal(c.key_length, strlen(key));
  assert_memory_equal(c.key, key, c.key_length);
  assert_int_equal(c.value_length, strlen(value));
  assert_memory_equal(c.value, value, c.value_length);
}

static void operations_come_in_order_also_superseded_ones(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_feed* feed = feed_after(db, 0);
  expect_none(feed);
  put_text(db, "a", "1");
  put_text(db, "a", "2");
  delete_text(db, "a");
  put_text(db, "b", "");
  expect_change(feed, STAVE_CHANGE_PUT, 1, "a", "1");
  expect_change(feed, STAVE_CHANGE_PUT, 2, "a", "2");
  expect_change(feed, STAVE_CHANGE_DELETE, 3, "a", "");
  expect_change(feed, STAVE_CHANGE_PUT, 4, "b", "");
  expect_none(feed);
  put_text(db, "c", "3");
  expect_change(feed, STAVE_CHANGE_PUT, 5, "c", "3");
  expect_none(feed);
  stave_feed_destroy(feed);
  feed = feed_after(db, 3);
  expect_change(feed, STAVE_CHANGE_PUT, 4, "b", "");
  stave_feed_destroy(feed);
  close_store(db);
}

static void a_batch_says_where_it_ends(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_put(batch, "a", 1, "1", 1));
  expect(STAVE_OK, stave_batch_delete(batch, "b", 1));
  expect(STAVE_OK, stave_batch_put(batch, "c", 1, "3", 1));
  expect(STAVE_OK, stave_write(db, batch, 0));
  expect(STAVE_OK, stave_write(db, batch, STAVE_WRITE_SYNC));
  stave_batch_destroy(batch);
  for (uint64_t after = 0; after <= 6; after++) {
    stave_feed* feed = feed_after(db, after);
    for (uint64_t seq = after + 1; seq <= 6; seq++) {
      const stave_change c = next_of(feed);
      assert_int_equal(c.seq, seq);
      assert_int_equal(c.kind, seq % 3 == 2 ? STAVE_CHANGE_DELETE : STAVE_CHANGE_PUT);
      assert_int_equal(c.more, seq % 3 != 0);
    }
    expect_none(feed);
    stave_feed_destroy(feed);
  }
  close_store(db);
}

enum { kMany = 2000, kRounds = 3, kSize = 100 };

static void expect_rounds(stave_feed* feed, unsigned from, unsigned to) {
  char key[32];
  char value[kSize];
  for (unsigned i = from; i < to; i++) {
    const stave_change c = next_of(feed);
    assert_int_equal(c.seq, i + 1);
    snprintf(key, sizeof key, "key-%04u", i % kMany);
    assert_int_equal(c.key_length, strlen(key));
    assert_memory_equal(c.key, key, c.key_length);
    fill_bytes(value, kSize, (uint64_t)(i / kMany + 1) << 32 | i % kMany);
    assert_int_equal(c.value_length, kSize);
    assert_memory_equal(c.value, value, kSize);
  }
}

static void put_rounds(stave_db* db) {
  for (unsigned round = 1; round <= kRounds; round++) put_many(db, kMany, kSize, round);
}

static void it_goes_over_files_and_past_a_reopening(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_rounds(db);
  stave_feed* feed = feed_after(db, 0);
  expect_rounds(feed, 0, kMany * kRounds);
  expect_none(feed);
  stave_feed_destroy(feed);
  close_store(db);
  db = open_store(*state, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  feed = feed_after(db, 700);
  expect_rounds(feed, 700, kMany * kRounds);
  put_text(db, "z", "new");
  expect_change(feed, STAVE_CHANGE_PUT, kMany * kRounds + 1, "z", "new");
  stave_feed_destroy(feed);
  close_store(db);
}

static void an_open_feed_keeps_what_a_merge_takes(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_rounds(db);
  stave_feed* feed = feed_after(db, 10);
  expect_rounds(feed, 10, 20);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  stave_feed* late = NULL;
  expect(STAVE_FEED_GONE, stave_feed_open(db, 20, &late));
  assert_null(late);
  expect_text("after number 20");
  put_text(db, "z", "new");
  expect_rounds(feed, 20, kMany * kRounds);
  expect_change(feed, STAVE_CHANGE_PUT, kMany * kRounds + 1, "z", "new");
  expect_none(feed);
  stave_feed_destroy(feed);
  feed = feed_after(db, kMany * kRounds);
  expect_change(feed, STAVE_CHANGE_PUT, kMany * kRounds + 1, "z", "new");
  stave_feed_destroy(feed);
  close_store(db);
}

typedef struct follower {
  stave_feed* feed;
  uint64_t upto;
  unsigned done; /* answers without an operation */
  int code;      /* that ended it early */
  atomic_int waiting;
} follower;

/* What it clears is gone from the files, the clear itself is not. */
static void a_feed_goes_on_with_a_clear(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  put_many(db, 100, 1000, 1);
  const uint64_t last = stats_of(db).last_seq;
  expect(STAVE_OK, stave_clear(db, 0));
  stave_feed* feed = feed_after(db, last);
  const stave_change change = next_of(feed);
  assert_int_equal(change.kind, STAVE_CHANGE_DELETE_RANGE);
  assert_int_equal(change.key_length, 0);
  expect_none(feed);
  stave_feed_destroy(feed);
  expect(STAVE_FEED_GONE, stave_feed_open(db, last - 1, &feed));
  close_store(db);
}

static void* follow(void* argument) {
  follower* f = argument;
  for (uint64_t seq = 0; seq < f->upto;) {
    stave_change change = {.size = sizeof change};
    atomic_store(&f->waiting, 1);
    f->code = stave_feed_next(f->feed, -1, &change);
    if (f->code != STAVE_OK) return NULL;
    if (change.seq != ++seq) return "out of order";
  }
  return NULL;
}

static void a_waiting_feed_gets_all_that_other_threads_write(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", "merge.check_interval", "10ms", NULL);
  const unsigned rounds = 2 + test_scaled(8);
  follower f = {.feed = feed_after(db, 0), .upto = (uint64_t)rounds * kMany};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, follow, &f), 0);
  for (unsigned round = 1; round <= rounds; round++) {
    put_many(db, kMany, kSize, round);
    if (round % 2 == 0) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  void* wrong = NULL;
  assert_int_equal(pthread_join(thread, &wrong), 0);
  assert_null(wrong);
  expect(STAVE_OK, f.code);
  stave_feed_destroy(f.feed);
  close_store(db);
}

static void closing_ends_the_wait(void** state) {
  stave_db* db = open_store(*state, NULL);
  follower f = {.feed = feed_after(db, 0), .upto = 1};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, follow, &f), 0);
  while (atomic_load(&f.waiting) == 0) usleep(100);
  close_store(db);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(f.code, STAVE_CLOSED);
  stave_change change = {.size = sizeof change};
  expect(STAVE_CLOSED, stave_feed_next(f.feed, 0, &change));
  stave_feed_destroy(f.feed);
}

static void a_wait_ends_after_its_time(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_feed* feed = feed_after(db, 0);
  stave_change change = {.size = sizeof change};
  expect(STAVE_DONE, stave_feed_next(feed, 20, &change));
  put_text(db, "a", "1");
  expect(STAVE_OK, stave_feed_next(feed, 60000, &change));
  stave_feed_destroy(feed);
  close_store(db);
}

static void a_read_only_store_follows_the_writer(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_many(db, kMany, kSize, 1);
  stave_db* reader = NULL;
  expect(STAVE_OK, open_at(s->store, &reader, "read_only", "true", NULL));
  stave_feed* feed = feed_after(reader, 5);
  expect_rounds(feed, 5, kMany);
  expect_none(feed);
  put_many(db, kMany, kSize, 2);
  stave_change change = {.size = sizeof change};
  expect(STAVE_OK, stave_feed_next(feed, 60000, &change));
  assert_int_equal(change.seq, kMany + 1);
  expect_rounds(feed, kMany + 1, 2 * kMany);
  /* All that was read is merged away: nothing is missed. */
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  put_text(db, "z", "new");
  expect(STAVE_OK, stave_feed_next(feed, 60000, &change));
  assert_int_equal(change.seq, 2 * kMany + 1);
  /* What was not read is merged away: said, not passed over. */
  put_many(db, kMany, kSize, 3);
  put_many(db, kMany, kSize, 4);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect(STAVE_OK, stave_refresh(reader));
  expect(STAVE_FEED_GONE, stave_feed_next(feed, 0, &change));
  stave_feed_destroy(feed);
  close_store(reader);
  close_store(db);
}

static void damage_is_an_error_and_not_the_end(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_many(db, kMany, kSize, 1);
  close_store(db);
  const file_names logs = files_ending(s->store, ".log");
  assert_true(logs.count >= 3);
  flip_bit(s->store, logs.name[1], 8 * 20000);
  db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  stave_feed* feed = feed_after(db, 0);
  stave_change change = {.size = sizeof change};
  uint64_t read = 0;
  int code = STAVE_OK;
  while ((code = stave_feed_next(feed, 0, &change)) == STAVE_OK) read++;
  assert_int_equal(code, STAVE_CORRUPT);
  expect_text(logs.name[1]);
  assert_in_range(read, 400, 1000);
  expect(STAVE_CORRUPT, stave_feed_next(feed, -1, &change));
  stave_feed_destroy(feed);
  stave_release(db);
}

static void bad_arguments_are_told(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_feed* feed = (stave_feed*)&db;
  expect(STAVE_INVALID_ARGUMENT, stave_feed_open(db, 1, &feed));
  assert_null(feed);
  expect_text("newest operation has number 0");
  expect(STAVE_NULL_ARGUMENT, stave_feed_open(db, 0, NULL));
  feed = feed_after(db, 0);
  stave_change change = {.size = sizeof change};
  expect(STAVE_NULL_ARGUMENT, stave_feed_next(NULL, 0, &change));
  expect(STAVE_NULL_ARGUMENT, stave_feed_next(feed, 0, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_feed_next(feed, -2, &change));
  change.size = 0;
  expect(STAVE_INVALID_ARGUMENT, stave_feed_next(feed, 0, &change));
  stave_feed_destroy(feed);
  stave_feed_destroy(NULL);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(operations_come_in_order_also_superseded_ones),
      CASE(a_batch_says_where_it_ends),
      CASE(it_goes_over_files_and_past_a_reopening),
      CASE(an_open_feed_keeps_what_a_merge_takes),
      CASE(a_feed_goes_on_with_a_clear),
      CASE(a_waiting_feed_gets_all_that_other_threads_write),
      CASE(closing_ends_the_wait),
      CASE(a_wait_ends_after_its_time),
      CASE(a_read_only_store_follows_the_writer),
      CASE(damage_is_an_error_and_not_the_end),
      CASE(bad_arguments_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
