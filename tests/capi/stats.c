/* Statistics and the list of files agree with each other and with the directory. */
#include "harness.h"

static void expect_consistent(const scratch* s, stave_db* db) {
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  stave_stats stats = stats_of(db);
  uint64_t bytes = 0, live = 0, dead = 0, records = 0, last_seq = 0;
  for (size_t i = 0; i < stave_files_count(files); i++) {
    stave_file_info info;
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    expect(STAVE_OK, stave_files_at(files, i, &info));
    assert_true(info.live_bytes + info.dead_bytes <= info.bytes);
    assert_true(info.first_seq <= info.last_seq);
    assert_true(info.state <= STAVE_FILE_UNSEALED && info.merged <= 1 && info.has_hint <= 1);
    char name[64];
    snprintf(name, sizeof name, "%010llu.log", (unsigned long long)info.id);
    assert_true(file_exists(s->store, name));
    bytes += info.bytes;
    live += info.live_bytes;
    dead += info.dead_bytes;
    records += info.live_records;
    if (info.last_seq > last_seq) last_seq = info.last_seq;
  }
  assert_int_equal(stave_files_count(files), stats.files);
  assert_int_equal(bytes, stats.disk_bytes);
  assert_int_equal(live, stats.live_bytes);
  assert_int_equal(dead, stats.dead_bytes);
  assert_int_equal(records, stats.keys);
  assert_true(last_seq <= stats.last_seq);
  assert_int_equal(count_keys(db), stats.keys);
  stave_files_destroy(files);
}

static stave_db* paused_small_files(const scratch* s) {
  return open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
}

static void a_new_store_is_all_zero(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  stave_stats stats = stats_of(db);
  assert_int_equal(stats.keys, 0);
  assert_int_equal(stats.live_bytes, 0);
  assert_int_equal(stats.dead_bytes, 0);
  assert_int_equal(stats.puts, 0);
  assert_int_equal(stats.merges, 0);
  assert_int_equal(stats.read_only, 0);
  assert_int_equal(stats.poisoned, 0);
  assert_int_equal(stats.quarantined_bytes, 0);
  expect_consistent(s, db);
  close_store(db);
}

static void files_sum_up_to_the_store_at_every_stage(void** state) {
  scratch* s = *state;
  stave_db* db = paused_small_files(s);
  put_many(db, 200, 1000, 1);
  expect_consistent(s, db);
  put_many(db, 100, 500, 2);
  expect_consistent(s, db);
  for (unsigned i = 0; i < 200; i += 4) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
  }
  expect_consistent(s, db);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_put(batch, "key-0001", 8, "x", 1));
  expect(STAVE_OK, stave_batch_put(batch, "key-0001", 8, "y", 1));
  expect(STAVE_OK, stave_batch_delete(batch, "key-0002", 8));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  expect_consistent(s, db);
  for (int round = 0; round < 2; round++) {
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    expect_consistent(s, db);
    close_store(db);
    db = paused_small_files(s);
    expect_consistent(s, db);
  }
  stave_release(db);
  db = paused_small_files(s);
  expect_consistent(s, db);
  close_store(db);
}

static void live_and_dead_bytes_do_not_depend_on_how_it_was_opened(void** state) {
  scratch* s = *state;
  stave_db* db = paused_small_files(s);
  for (unsigned round = 1; round <= 3; round++) put_many(db, 100, 700, round);
  delete_text(db, "key-0005");
  stave_stats before = stats_of(db);
  for (int way = 0; way < 3; way++) {
    if (way == 1) {
      stave_release(db);
    } else {
      close_store(db);
    }
    if (way == 2 && file_exists(s->store, "KEYDIR")) remove_file(s->store, "KEYDIR");
    db = paused_small_files(s);
    stave_stats after = stats_of(db);
    assert_int_equal(after.keys, before.keys);
    assert_int_equal(after.live_bytes, before.live_bytes);
    assert_true(after.last_seq >= before.last_seq);
  }
  close_store(db);
}

static void operations_are_counted_since_open(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_many(db, 30, 10, 1);
  delete_text(db, "key-0000");
  delete_text(db, "key-0001");
  stave_stats stats = stats_of(db);
  assert_int_equal(stats.puts, 30);
  assert_int_equal(stats.deletes, 2);
  assert_int_equal(stats.last_seq, 32);
  close_store(db);
  db = open_store(s, NULL);
  stats = stats_of(db);
  assert_int_equal(stats.puts, 0);
  assert_int_equal(stats.deletes, 0);
  assert_true(stats.last_seq >= 32);
  close_store(db);
}

static void an_older_callers_smaller_struct_is_filled_as_far_as_it_goes(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_many(db, 3, 10, 1);
  stave_stats stats;
  memset(&stats, 0x5a, sizeof stats);
  stats.size = offsetof(stave_stats, disk_bytes);
  expect(STAVE_OK, stave_get_stats(db, &stats));
  assert_int_equal(stats.keys, 3);
  assert_int_equal(stats.disk_bytes, 0x5a5a5a5a5a5a5a5aULL);
  close_store(db);
}

static void files_are_listed_in_order_of_recency(void** state) {
  scratch* s = *state;
  stave_db* db = paused_small_files(s);
  put_many(db, 300, 1000, 1);
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  size_t n = stave_files_count(files);
  assert_true(n >= 4);
  uint64_t last_seq = 0;
  for (size_t i = 0; i < n; i++) {
    stave_file_info info;
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    expect(STAVE_OK, stave_files_at(files, i, &info));
    if (info.first_seq == 0) continue; /* a spare, still empty */
    assert_true(info.first_seq > last_seq);
    last_seq = info.last_seq;
    assert_true(info.merge_note[0] != '\0');
  }
  assert_int_equal(last_seq, 300);
  stave_files_destroy(files);
  close_store(db);
}

/* A program built with a newer header must not read garbage from what we do not know. */
static void a_larger_struct_is_filled_up_with_zeros(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  struct {
    stave_stats known;
    char newer[64];
  } larger;
  memset(&larger, 0x5a, sizeof larger);
  larger.known.size = sizeof larger;
  expect(STAVE_OK, stave_get_stats(db, &larger.known));
  assert_int_equal(larger.known.size, sizeof larger);
  assert_int_equal(larger.known.keys, 1);
  for (size_t i = 0; i < sizeof larger.newer; i++) assert_int_equal(larger.newer[i], 0);
  larger.known.size = 0x5a5a5a5a; /* not set at all */
  expect(STAVE_INVALID_ARGUMENT, stave_get_stats(db, &larger.known));
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_new_store_is_all_zero),
      CASE(files_sum_up_to_the_store_at_every_stage),
      CASE(live_and_dead_bytes_do_not_depend_on_how_it_was_opened),
      CASE(operations_are_counted_since_open),
      CASE(an_older_callers_smaller_struct_is_filled_as_far_as_it_goes),
      CASE(files_are_listed_in_order_of_recency),
      CASE(a_larger_struct_is_filled_up_with_zeros),
  };
  return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
