/* Merging gives space back and changes nothing else. */
#include "harness.h"

static stave_db* small_files(const scratch* s) {
  return open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
}

static void an_empty_store_merges(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_OK, stave_merge(db, 0));
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  put_text(db, "k", "v");
  expect_holds(db, "k", "v");
  close_store(db);
}

static void dead_records_go_and_live_ones_stay(void** state) {
  scratch* s = *state;
  stave_db* db = small_files(s);
  for (unsigned round = 1; round <= 5; round++) put_many(db, 200, 1000, round);
  stave_stats before = stats_of(db);
  assert_true(before.dead_bytes > 700000);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  stave_stats after = stats_of(db);
  assert_true(after.disk_bytes < before.disk_bytes / 3);
  assert_true(after.dead_bytes < before.dead_bytes / 20);
  assert_int_equal(after.keys, 200);
  assert_true(after.merges > before.merges);
  assert_int_equal(after.merges_failed, 0);
  assert_string_equal(after.merge_last_error, "");
  assert_true(after.merge_last_ms > 0 && after.merge_bytes_read > 0);
  expect_many(db, 200, 1000, 5);
  close_store(db);
  db = small_files(s);
  expect_many(db, 200, 1000, 5);
  assert_int_equal(count_keys(db), 200);
  close_store(db);
}

/* A batch for each put: 24 of 64 bytes are frames. */
static void frames_of_small_batches_go(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "merge.policy", "never", NULL);
  for (unsigned i = 0; i < 2000; i++) {
    stave_batch* batch = NULL;
    expect(STAVE_OK, stave_batch_create(&batch));
    expect(STAVE_OK, stave_batch_put(batch, &i, sizeof i, "value", 5));
    expect(STAVE_OK, stave_write(db, batch, 0));
    stave_batch_destroy(batch);
  }
  assert_true(stats_of(db).dead_bytes > 40000);
  for (int i = 0; i < 2; i++) {
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    assert_int_equal(stats_of(db).merges, 1); /* and rests */
    assert_true(stats_of(db).dead_bytes < 1000);
    assert_int_equal(count_keys(db), 2000);
  }
  close_store(db);
}

static void the_files_of_dead_records_leave_the_disk(void** state) {
  scratch* s = *state;
  stave_db* db = small_files(s);
  for (unsigned round = 1; round <= 5; round++) put_many(db, 200, 1000, round);
  size_t before = files_ending(s->store, ".log").count;
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  close_store(db);
  size_t after = files_ending(s->store, ".log").count;
  assert_true(after < before / 2);
}

static void deleted_keys_do_not_come_back(void** state) {
  scratch* s = *state;
  stave_db* db = small_files(s);
  put_many(db, 300, 700, 1);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED)); /* old values settle in a merged file */
  for (unsigned i = 0; i < 300; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    if (i % 3 != 0) delete_text(db, key);
  }
  for (int round = 0; round < 4; round++) {
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    if (round % 2 == 0) {
      close_store(db);
    } else {
      stave_release(db);
    }
    if (file_exists(s->store, "KEYDIR")) remove_file(s->store, "KEYDIR");
    db = small_files(s);
    assert_int_equal(stats_of(db).keys, 100);
    assert_int_equal(count_keys(db), 100);
    expect_missing(db, "key-0001");
    expect_missing(db, "key-0299");
  }
  close_store(db);
}

static void deleting_everything_leaves_an_almost_empty_store(void** state) {
  scratch* s = *state;
  stave_db* db = small_files(s);
  put_many(db, 300, 1000, 1);
  for (unsigned i = 0; i < 300; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  stave_stats stats = stats_of(db);
  assert_int_equal(stats.keys, 0);
  assert_int_equal(stats.live_bytes, 0);
  assert_true(stats.dead_bytes < 300 * 64);
  close_store(db);
  db = small_files(s);
  assert_int_equal(count_keys(db), 0);
  put_many(db, 10, 10, 2);
  expect_many(db, 10, 10, 2);
  close_store(db);
}

static void merging_again_and_again_is_stable(void** state) {
  stave_db* db = small_files(*state);
  put_many(db, 200, 1000, 1);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  uint64_t bytes = stats_of(db).live_bytes;
  for (int i = 0; i < 10; i++) {
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    stave_stats stats = stats_of(db);
    assert_int_equal(stats.live_bytes, bytes);
    assert_true(stats.disk_bytes < bytes + 70000);
    assert_true(stats.files <= bytes / 40000 + 3);
  }
  expect_many(db, 200, 1000, 1);
  close_store(db);
}

static void the_cap_is_kept_and_uncapped_ignores_it(void** state) {
  stave_db* db = small_files(*state);
  for (unsigned round = 1; round <= 2; round++) put_many(db, 50, 500, round);
  expect(STAVE_OK, stave_merge(db, 0)); /* small: within any cap's first second or two */
  expect_many(db, 50, 500, 2);
  close_store(db);
}

static void pausing_is_shown_and_does_not_stop_writes(void** state) {
  stave_db* db = small_files(*state);
  expect(STAVE_OK, stave_merge_pause(db));
  expect(STAVE_OK, stave_merge_pause(db));
  assert_int_equal(stats_of(db).merge_paused, 1);
  for (unsigned round = 1; round <= 3; round++) put_many(db, 100, 1000, round);
  expect_many(db, 100, 1000, 3);
  expect(STAVE_OK, stave_merge_resume(db)); /* one resume ends any number of pauses */
  assert_int_equal(stats_of(db).merge_paused, 0);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  close_store(db);
}

/* It used to wait for a resume that nobody was left to give. */
static void a_manual_merge_ignores_the_pause(void** state) {
  stave_db* db = small_files(*state);
  expect(STAVE_OK, stave_merge_pause(db));
  for (unsigned round = 1; round <= 3; round++) put_many(db, 100, 1000, round);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  stave_stats stats = stats_of(db);
  assert_true(stats.merges > 0);
  assert_int_equal(stats.merge_paused, 1);
  expect_many(db, 100, 1000, 3);
  close_store(db);
}

static void a_paused_store_closes(void** state) {
  stave_db* db = small_files(*state);
  for (unsigned round = 1; round <= 3; round++) put_many(db, 100, 1000, round);
  expect(STAVE_OK, stave_merge_pause(db));
  close_store(db);
}

static void progress_is_idle_when_nothing_long_is_at_work(void** state) {
  stave_db* db = small_files(*state);
  put_many(db, 10, 10, 1);
  stave_progress progress;
  memset(&progress, 0x5a, sizeof progress);
  progress.size = sizeof progress;
  expect(STAVE_OK, stave_get_progress(db, &progress));
  assert_int_equal(progress.active, 0);
  assert_string_equal(progress.task, "");
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(an_empty_store_merges),
      CASE(dead_records_go_and_live_ones_stay),
      CASE(frames_of_small_batches_go),
      CASE(the_files_of_dead_records_leave_the_disk),
      CASE(deleted_keys_do_not_come_back),
      CASE(deleting_everything_leaves_an_almost_empty_store),
      CASE(merging_again_and_again_is_stable),
      CASE(the_cap_is_kept_and_uncapped_ignores_it),
      CASE(pausing_is_shown_and_does_not_stop_writes),
      CASE(a_manual_merge_ignores_the_pause),
      CASE(a_paused_store_closes),
      CASE(progress_is_idle_when_nothing_long_is_at_work),
  };
  return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
