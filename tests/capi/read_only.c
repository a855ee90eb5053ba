/* Read-only stores beside a writer (here in one process; tests/crash has them in others). */
#include <unistd.h>

#include "harness.h"

static stave_db* open_reader(const scratch* s) { return open_store(s, "read_only", "true", NULL); }

static stave_db* open_writer(const scratch* s) {
  return open_store(s, "max_file_size", "64KiB", NULL);
}

static void a_missing_store_is_no_store_and_is_not_made(void** state) {
  scratch* s = *state;
  stave_db* db = (stave_db*)s;
  expect(STAVE_NO_STORE, open_at(s->store, &db, "read_only", "true", NULL));
  assert_null(db);
  assert_false(file_exists(s->dir, "store"));
  expect(STAVE_NO_STORE, open_at(s->dir, &db, "read_only", "true", NULL)); /* no store in it */
  assert_int_equal(files_ending(s->dir, "").count, 0);
}

static void writes_are_refused(void** state) {
  scratch* s = *state;
  stave_db* db = open_writer(s);
  put_text(db, "k", "v");
  close_store(db);
  db = open_reader(s);
  assert_int_equal(stats_of(db).read_only, 1);
  expect(STAVE_READ_ONLY, stave_put(db, "k", 1, "w", 1, 0));
  expect(STAVE_READ_ONLY, stave_delete(db, "k", 1, 0));
  expect(STAVE_READ_ONLY, stave_delete(db, "absent", 6, 0));
  expect(STAVE_READ_ONLY, stave_merge(db, 0));
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_put(batch, "k", 1, "w", 1));
  expect(STAVE_READ_ONLY, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  expect_holds(db, "k", "v");
  close_store(db);
}

static void reading_changes_no_byte_of_the_store(void** state) {
  scratch* s = *state;
  stave_db* db = open_writer(s);
  put_many(db, 200, 1000, 1);
  stave_release(db);
  file_names before = files_ending(s->store, "");
  char* bytes[FILES_MAX];
  size_t lengths[FILES_MAX];
  for (size_t i = 0; i < before.count; i++) {
    bytes[i] = read_whole(s->store, before.name[i], &lengths[i]);
  }
  db = open_reader(s);
  expect_many(db, 200, 1000, 1);
  expect(STAVE_OK, stave_refresh(db));
  close_store(db);
  file_names after = files_ending(s->store, "");
  assert_int_equal(after.count, before.count);
  for (size_t i = 0; i < after.count; i++) {
    size_t length = 0;
    char* now = read_whole(s->store, after.name[i], &length);
    assert_string_equal(after.name[i], before.name[i]);
    assert_int_equal(length, lengths[i]);
    assert_memory_equal(now, bytes[i], length);
    free(now);
    free(bytes[i]);
  }
}

static void it_shows_the_open_and_moves_on_refresh(void** state) {
  scratch* s = *state;
  stave_db* writer = open_writer(s);
  put_text(writer, "a", "1");
  put_text(writer, "gone", "x");
  stave_db* reader = open_reader(s);
  expect_holds(reader, "a", "1");
  put_text(writer, "a", "2");
  put_text(writer, "b", "new");
  delete_text(writer, "gone");
  expect_holds(reader, "a", "1");
  expect_missing(reader, "b");
  expect_holds(reader, "gone", "x");
  expect(STAVE_OK, stave_refresh(reader));
  expect_holds(reader, "a", "2");
  expect_holds(reader, "b", "new");
  expect_missing(reader, "gone");
  assert_int_equal(stats_of(reader).keys, 2);
  assert_int_equal(count_keys(reader), 2);
  close_store(reader);
  close_store(writer);
}

static void refresh_on_a_writable_store_does_nothing(void** state) {
  stave_db* db = open_writer(*state);
  put_text(db, "k", "v");
  expect(STAVE_OK, stave_refresh(db));
  expect_holds(db, "k", "v");
  close_store(db);
}

static void refresh_follows_rotation_merge_batches_and_reopening(void** state) {
  scratch* s = *state;
  stave_db* writer = open_writer(s);
  stave_db* reader = open_reader(s);
  for (unsigned round = 1; round <= 12; round++) {
    put_many(writer, 150, 900, round);
    if (round > 1) expect_many(reader, 150, 900, round - 1); /* still the old state */
    if (round % 3 == 0) expect(STAVE_OK, stave_merge(writer, STAVE_MERGE_UNCAPPED));
    if (round % 4 == 0) {
      close_store(writer);
      writer = open_writer(s);
    }
    if (round == 7) {
      stave_release(writer);
      writer = open_writer(s);
    }
    expect(STAVE_OK, stave_refresh(reader));
    expect_many(reader, 150, 900, round);
    assert_int_equal(count_keys(reader), 150);
    assert_int_equal(stats_of(reader).keys, 150);
  }
  close_store(reader);
  close_store(writer);
}

static void deleted_keys_do_not_come_back_to_a_reader(void** state) {
  scratch* s = *state;
  stave_db* writer = open_writer(s);
  put_many(writer, 200, 900, 1);
  stave_db* reader = open_reader(s);
  for (unsigned i = 0; i < 200; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    if (i % 2) delete_text(writer, key);
  }
  for (int round = 0; round < 3; round++) {
    expect(STAVE_OK, stave_merge(writer, STAVE_MERGE_UNCAPPED));
    expect(STAVE_OK, stave_refresh(reader));
    assert_int_equal(stats_of(reader).keys, 100);
    assert_int_equal(count_keys(reader), 100);
    expect_missing(reader, "key-0001");
    put_text(writer, "key-0000", "again");
  }
  close_store(reader);
  close_store(writer);
}

/* It passed for a record that is half written as yet, and the reader stood still without a word. */
static void damage_before_durable_records_is_told_by_refresh(void** state) {
  scratch* s = *state;
  stave_db* writer = open_store(s, "merge.policy", "never", NULL);
  put_many(writer, 10, 100, 1);
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  put_many(writer, 30, 100, 2);
  expect(STAVE_OK, stave_sync(writer));
  file_names logs = files_ending(s->store, ".log");
  const uint64_t bit = 8 * (64 + 20 * 128 + 60); /* records of 20 + 8 + 100 bytes */
  flip_bit(s->store, logs.name[0], bit);
  for (int i = 0; i < 2; i++) {
    expect(STAVE_CORRUPT, stave_refresh(reader));
    expect_text(logs.name[0]);
    expect_text("offset 2624");
  }
  assert_int_equal(stats_of(reader).last_seq, 20);
  flip_bit(s->store, logs.name[0], bit);
  expect(STAVE_OK, stave_refresh(reader));
  expect_many(reader, 30, 100, 2);
  close_store(reader);
  close_store(writer);
}

/* The newest operations are tombstones, which the merge drops: no file tells their numbers. */
/* A sealed file's damage is one record's: what follows it is seen all the same. */
static void damage_in_a_sealed_file_hides_nothing_else(void** state) {
  scratch* s = *state;
  stave_db* writer = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_many(writer, 10, 100, 1);
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  put_many(writer, 150, 900, 2);
  for (int i = 0; i < 1000 && files_ending(s->store, ".hint").count < 2; i++) usleep(10000);
  file_names logs = files_ending(s->store, ".log");
  assert_true(logs.count >= 3);
  flip_bit(s->store, logs.name[0], 8 * 30000);
  expect(STAVE_OK, stave_refresh(reader));
  unsigned whole = 0, corrupt = 0;
  for (unsigned i = 0; i < 150; i++) {
    char key[32], value[900];
    snprintf(key, sizeof key, "key-%04u", i);
    void* got = NULL;
    size_t length = 0;
    int code = stave_get(reader, key, strlen(key), &got, &length);
    fill_bytes(value, sizeof value, 2ULL << 32 | i);
    corrupt += code == STAVE_CORRUPT;
    whole += code == STAVE_OK && length == sizeof value && memcmp(got, value, length) == 0;
    stave_free(got);
  }
  assert_int_equal(whole, 149);
  assert_int_equal(corrupt, 1);
  close_store(reader);
  close_store(writer);
}

static void the_last_number_does_not_fall_when_a_merge_drops_it(void** state) {
  scratch* s = *state;
  stave_db* writer = open_store(s, "merge.policy", "never", NULL);
  put_many(writer, 50, 100, 1);
  for (unsigned i = 40; i < 50; i++) {
    char key[16];
    int n = snprintf(key, sizeof key, "key-%04u", i);
    expect(STAVE_OK, stave_delete(writer, key, (size_t)n, 0));
  }
  expect(STAVE_OK, stave_merge(writer, STAVE_MERGE_UNCAPPED));
  assert_int_equal(stats_of(writer).last_seq, 60);
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  assert_int_equal(stats_of(reader).last_seq, 60);
  put_text(writer, "one", "more");
  expect(STAVE_OK, stave_refresh(reader));
  assert_int_equal(stats_of(reader).last_seq, 61);
  expect_holds(reader, "one", "more");
  delete_text(writer, "one");
  expect(STAVE_OK, stave_merge(writer, STAVE_MERGE_UNCAPPED));
  expect(STAVE_OK, stave_refresh(reader));
  assert_int_equal(stats_of(reader).last_seq, 62);
  close_store(reader);
  close_store(writer);
  reader = open_store(s, "read_only", "true", NULL);
  assert_int_equal(stats_of(reader).last_seq, 62);
  assert_int_equal(stats_of(reader).durable_seq, 62);
  close_store(reader);
  writer = open_store(s, "merge.policy", "never", NULL);
  assert_int_equal(stats_of(writer).last_seq, 62);
  assert_int_equal(stats_of(writer).durable_seq, 62);
  put_text(writer, "and", "on");
  assert_int_equal(stats_of(writer).last_seq, 63);
  close_store(writer);
}

static void its_iterators_and_pins_keep_what_they_saw(void** state) {
  scratch* s = *state;
  stave_db* writer = open_writer(s);
  put_many(writer, 100, 900, 1);
  stave_db* reader = open_reader(s);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(reader, NULL, 0, &it));
  stave_pin* pin = NULL;
  expect(STAVE_OK, stave_get_pinned(reader, "key-0003", 8, &pin));
  for (unsigned round = 2; round < 5; round++) {
    put_many(writer, 100, 900, round);
    expect(STAVE_OK, stave_merge(writer, STAVE_MERGE_UNCAPPED));
    expect(STAVE_OK, stave_refresh(reader));
  }
  char value[900];
  fill_bytes(value, sizeof value, 1ULL << 32 | 3);
  assert_int_equal(stave_pin_length(pin), sizeof value);
  assert_memory_equal(stave_pin_data(pin), value, sizeof value);
  for (unsigned i = 0; i < 100; i++) {
    expect(STAVE_OK, stave_iter_next(it));
    const void* got = NULL;
    size_t length = 0;
    expect(STAVE_OK, stave_iter_value(it, &got, &length));
    fill_bytes(value, sizeof value, 1ULL << 32 | i);
    assert_memory_equal(got, value, sizeof value);
  }
  expect(STAVE_DONE, stave_iter_next(it));
  stave_iter_destroy(it);
  stave_pin_destroy(pin);
  close_store(reader);
  close_store(writer);
}

static void many_readers_share_a_store_with_one_writer(void** state) {
  scratch* s = *state;
  stave_db* writer = open_writer(s);
  put_many(writer, 50, 100, 1);
  stave_db* readers[8];
  for (int i = 0; i < 8; i++) readers[i] = open_reader(s);
  put_many(writer, 50, 100, 2);
  for (int i = 0; i < 8; i++) {
    expect_many(readers[i], 50, 100, 1);
    expect(STAVE_OK, stave_refresh(readers[i]));
    expect_many(readers[i], 50, 100, 2);
  }
  close_store(writer);
  for (int i = 0; i < 8; i++) {
    expect(STAVE_OK, stave_refresh(readers[i]));
    expect_many(readers[i], 50, 100, 2);
    close_store(readers[i]);
  }
}

static void a_reader_says_what_it_knows_of_durability(void** state) {
  scratch* s = *state;
  stave_db* writer = open_writer(s);
  put_many(writer, 200, 1000, 1);
  stave_db* db = open_reader(s);
  stave_stats stats = stats_of(db);
  assert_true(stats.last_seq >= 200);
  assert_int_equal(stats.durable_seq, 0); /* the writer lives: unknown */
  close_store(writer);
  expect(STAVE_OK, stave_refresh(db));
  stats = stats_of(db);
  assert_int_equal(stats.durable_seq, stats.last_seq);
  close_store(db);
}

static size_t merge_notes(stave_db* db, char notes[][128], size_t max) {
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  const size_t n = stave_files_count(files);
  assert_true(n <= max);
  for (size_t i = 0; i < n; i++) {
    stave_file_info info;
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    expect(STAVE_OK, stave_files_at(files, i, &info));
    snprintf(notes[i], 128, "%s", info.merge_note);
  }
  stave_files_destroy(files);
  return n;
}

static void a_reader_says_of_merges_what_a_writer_with_its_options_says(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_many(db, 200, 1000, 1);
  put_many(db, 30, 1000, 2);
  close_store(db);
  char notes[2][16][128];
  const char* policies[] = {"never", "always"};
  for (unsigned i = 0; i < 2; i++) {
    size_t count[2] = {0, 0};
    for (unsigned reads = 0; reads < 2; reads++) {
      db = open_store(s, "max_file_size", "64KiB", "merge.policy", policies[i], "read_only",
                      reads ? "true" : "false", "background", "false",
                      "merge.triggers.fragmentation", "20", NULL);
      count[reads] = merge_notes(db, notes[reads], 16);
      close_store(db);
    }
    assert_true(count[0] >= 4);
    assert_int_equal(count[0], count[1]);
    for (size_t f = 0; f < count[0]; f++) assert_string_equal(notes[0][f], notes[1][f]);
    assert_non_null(strstr(notes[1][0], "starts a merge: dead"));
    assert_int_equal(strstr(notes[1][0], "never") != NULL, i == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_missing_store_is_no_store_and_is_not_made),
      CASE(writes_are_refused),
      CASE(reading_changes_no_byte_of_the_store),
      CASE(it_shows_the_open_and_moves_on_refresh),
      CASE(refresh_on_a_writable_store_does_nothing),
      CASE(refresh_follows_rotation_merge_batches_and_reopening),
      CASE(deleted_keys_do_not_come_back_to_a_reader),
      CASE(damage_before_durable_records_is_told_by_refresh),
      CASE(damage_in_a_sealed_file_hides_nothing_else),
      CASE(the_last_number_does_not_fall_when_a_merge_drops_it),
      CASE(its_iterators_and_pins_keep_what_they_saw),
      CASE(many_readers_share_a_store_with_one_writer),
      CASE(a_reader_says_what_it_knows_of_durability),
      CASE(a_reader_says_of_merges_what_a_writer_with_its_options_says),
  };
  return cmocka_run_group_tests_name("read_only", tests, NULL, NULL);
}
