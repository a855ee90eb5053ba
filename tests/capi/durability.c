/* The sync modes, the per-write flags, and what stave_sync promises. */
#include <time.h>

#include "harness.h"

static const char* const kModes[] = {"none", "interval:20ms", "always"};

static void every_mode_stores_and_keeps(void** state) {
  scratch* s = *state;
  for (size_t i = 0; i < 3; i++) {
    remove_tree(s->store);
    stave_db* db = open_store(s, "sync", kModes[i], "max_file_size", "64KiB", NULL);
    put_many(db, 150, 600, 1);
    put_many(db, 150, 600, 2);
    delete_text(db, "key-0007");
    expect_missing(db, "key-0007");
    close_store(db);
    db = open_store(s, "sync", kModes[(i + 1) % 3], NULL); /* the mode is no property of files */
    assert_int_equal(stats_of(db).keys, 149);
    expect_missing(db, "key-0007");
    put_many(db, 150, 600, 3);
    expect_many(db, 150, 600, 3);
    close_store(db);
  }
}

static void sync_makes_everything_durable(void** state) {
  stave_db* db = open_store(*state, "sync", "none", NULL);
  put_many(db, 50, 100, 1);
  uint64_t syncs = stats_of(db).syncs;
  expect(STAVE_OK, stave_sync(db));
  stave_stats stats = stats_of(db);
  assert_int_equal(stats.durable_seq, stats.last_seq);
  assert_true(stats.syncs > syncs);
  expect(STAVE_OK, stave_sync(db)); /* nothing to do is no error */
  close_store(db);
}

static void without_sync_nothing_is_claimed_durable(void** state) {
  stave_db* db = open_store(*state, "sync", "none", NULL);
  put_many(db, 10, 100, 1);
  expect(STAVE_OK, stave_sync(db));
  uint64_t durable = stats_of(db).durable_seq;
  put_text(db, "k", "v");
  stave_stats stats = stats_of(db);
  assert_true(stats.last_seq > durable);
  assert_true(stats.durable_seq < stats.last_seq);
  close_store(db);
}

static void always_is_durable_when_the_write_returns(void** state) {
  stave_db* db = open_store(*state, "sync", "always", NULL);
  for (unsigned i = 0; i < 20; i++) {
    put_many(db, 1, 100, i);
    stave_stats stats = stats_of(db);
    assert_int_equal(stats.durable_seq, stats.last_seq);
  }
  delete_text(db, "key-0000");
  assert_int_equal(stats_of(db).durable_seq, stats_of(db).last_seq);
  close_store(db);
}

static void flags_override_the_mode(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "sync", "none", NULL);
  put_text(db, "a", "1");
  expect(STAVE_OK, stave_put(db, "b", 1, "2", 1, STAVE_WRITE_SYNC));
  assert_int_equal(stats_of(db).durable_seq, stats_of(db).last_seq);
  put_text(db, "c", "3");
  expect(STAVE_OK, stave_delete(db, "a", 1, STAVE_WRITE_SYNC));
  assert_int_equal(stats_of(db).durable_seq, stats_of(db).last_seq);
  close_store(db);

  db = open_store(s, "sync", "always", NULL);
  uint64_t syncs = stats_of(db).syncs;
  for (int i = 0; i < 50; i++) {
    expect(STAVE_OK, stave_put(db, "d", 1, "4", 1, STAVE_WRITE_NO_SYNC));
  }
  assert_true(stats_of(db).syncs <= syncs + 2);
  close_store(db);
}

static void interval_becomes_durable_by_itself(void** state) {
  stave_db* db = open_store(*state, "sync", "interval:20ms", NULL);
  put_many(db, 10, 100, 1);
  struct timespec pause = {0, 20 * 1000 * 1000};
  bool durable = false;
  for (int i = 0; i < 500 && !durable; i++) { /* ten seconds at the worst */
    stave_stats stats = stats_of(db);
    durable = stats.durable_seq == stats.last_seq;
    nanosleep(&pause, NULL);
  }
  assert_true(durable);
  close_store(db);
}

static int write_and_die(void* argument) {
  const scratch* s = argument;
  stave_options* o = NULL;
  stave_db* db = NULL;
  if (stave_options_create(&o) != STAVE_OK) return 1;
  if (stave_options_set(o, "io", io_mode()) != STAVE_OK) return 2;
  if (stave_options_set(o, "sync", "none") != STAVE_OK) return 3;
  if (stave_open(s->store, o, &db) != STAVE_OK) return 4;
  for (unsigned i = 0; i < 2000; i++) {
    char value[100];
    fill_bytes(value, sizeof value, i);
    if (stave_put(db, &i, sizeof i, value, sizeof value, 0) != STAVE_OK) return 5;
  }
  return 0; /* no close, no release: as if killed */
}

static void acknowledged_writes_survive_the_end_of_the_process(void** state) {
  scratch* s = *state;
  for (int round = 0; round < 3; round++) {
    assert_int_equal(in_child(write_and_die, s), 0);
    stave_db* db = open_store(s, NULL);
    stave_stats stats = stats_of(db);
    assert_int_equal(stats.opened_clean, 0);
    assert_int_equal(stats.keys, 2000);
    assert_int_equal(stats.quarantined_bytes, 0);
    for (unsigned i = 0; i < 2000; i++) {
      char value[100];
      fill_bytes(value, sizeof value, i);
      expect_bytes(db, &i, sizeof i, value, sizeof value);
    }
    close_store(db);
  }
}

static void seq_never_repeats_over_crashes(void** state) {
  scratch* s = *state;
  uint64_t last = 0;
  for (int round = 0; round < 3; round++) {
    assert_int_equal(in_child(write_and_die, s), 0);
    stave_db* db = open_store(s, NULL);
    put_text(db, "after", "x");
    uint64_t seq = stats_of(db).last_seq;
    assert_true(seq > last + 2000);
    last = seq;
    close_store(db);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_mode_stores_and_keeps),
      CASE(sync_makes_everything_durable),
      CASE(without_sync_nothing_is_claimed_durable),
      CASE(always_is_durable_when_the_write_returns),
      CASE(flags_override_the_mode),
      CASE(interval_becomes_durable_by_itself),
      CASE(acknowledged_writes_survive_the_end_of_the_process),
      CASE(seq_never_repeats_over_crashes),
  };
  return cmocka_run_group_tests_name("durability", tests, NULL, NULL);
}
