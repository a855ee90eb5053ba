/* A KEYDIR whose tables are damaged: whatever touches one first, in whatever way, finds every key
 * as if nothing had been. */
#include "harness.h"

enum { kKeys = 900, kSize = 300, kNewer = 300, kGone = 7 };

static stave_db* open_it(const scratch* s, const char* read_only, const char* background) {
  return open_store(s, "max_file_size", "64KiB", "merge.policy", "never", "checkpoint_min_ops", "0",
                    "read_only", read_only, "background", background, NULL);
}

static void build(const scratch* s) {
  remove_tree(s->store);
  stave_db* db = open_it(s, "false", "true");
  put_many(db, kKeys, kSize, 1);
  put_many(db, kNewer, kSize, 2);
  for (unsigned i = 0; i < kGone; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", kKeys - 1 - i);
    delete_text(db, key);
  }
  close_store(db);
}

/* Every n-th byte that is not zero of the tables, which are rows of 1 MiB at the end. */
static void damage_tables(const scratch* s, unsigned n) {
  size_t length = 0;
  char* bytes = read_whole(s->store, "KEYDIR", &length);
  assert_true(length > 1 << 20);
  unsigned seen = 0;
  for (size_t at = length - (1 << 20); at < length; at++) {
    if (bytes[at] != 0 && seen++ % n == n / 2) bytes[at] ^= 16;
  }
  assert_true(seen > n);
  write_whole(s->store, "KEYDIR", bytes, length);
  free(bytes);
}

static void expect_whole(stave_db* db, unsigned more) {
  assert_int_equal(stats_of(db).keys, kKeys - kGone + more);
  expect_many(db, kNewer, kSize, 2);
  char value[kSize];
  for (unsigned i = kNewer; i < kKeys; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    if (i >= kKeys - kGone) {
      expect_missing(db, key);
      continue;
    }
    fill_bytes(value, kSize, 1ULL << 32 | i);
    expect_bytes(db, key, strlen(key), value, kSize);
  }
  assert_int_equal(count_keys(db), kKeys - kGone + more);
}

static void read_it(stave_db* db) { expect_whole(db, 0); }

static void put_first(stave_db* db) {
  put_many(db, kNewer, kSize, 2);
  expect_whole(db, 0);
}

static void delete_first(stave_db* db) {
  expect(STAVE_NOT_FOUND, stave_delete(db, "key-0899", 8, 0));
  for (unsigned i = 0; i < 200; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    delete_text(db, key);
    expect_missing(db, key);
  }
  put_many(db, kNewer, kSize, 2);
  expect_whole(db, 0);
}

static void batch_first(stave_db* db) {
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  for (unsigned i = 0; i < 50; i++) {
    char key[32];
    snprintf(key, sizeof key, "new-%04u", i);
    expect(STAVE_OK, stave_batch_put(batch, key, strlen(key), "v", 1));
    snprintf(key, sizeof key, "key-%04u", kKeys - 1 - i % kGone);
    expect(STAVE_OK, stave_batch_delete(batch, key, strlen(key)));
  }
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  expect_whole(db, 50);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_whole(db, 50);
}

static void merge_first(stave_db* db) {
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_whole(db, 0);
}

static void verify_first(stave_db* db) {
  stave_verify_report report;
  memset(&report, 0, sizeof report);
  report.size = sizeof report;
  expect(STAVE_OK, stave_verify(db, &report));
  expect_whole(db, 0);
}

static const struct {
  void (*act)(stave_db* db);
  const char* read_only;
  unsigned more;
} firsts[] = {
    {read_it, "false", 0},      {read_it, "true", 0},       {put_first, "false", 0},
    {delete_first, "false", 0}, {batch_first, "false", 50}, {merge_first, "false", 0},
    {verify_first, "false", 0}, {verify_first, "true", 0},
};

static void open_and_act(const scratch* s, size_t what, const char* background) {
  stave_db* db = open_it(s, firsts[what].read_only, background);
  firsts[what].act(db);
  close_store(db);
  db = open_it(s, "false", background);
  expect_whole(db, firsts[what].more);
  close_store(db);
}

static void from_hints(void** state) {
  const scratch* s = *state;
  for (size_t what = 0; what < sizeof firsts / sizeof *firsts; what++) {
    for (int background = 0; background < 2; background++) {
      build(s);
      damage_tables(s, background ? 2 : 200); /* all tables, or some */
      open_and_act(s, what, background ? "true" : "false");
    }
  }
}

/* Gone behind the store's back, since an open that misses one would make it anew. */
static void from_records_where_a_hint_is_gone_or_damaged(void** state) {
  const scratch* s = *state;
  for (size_t what = 0; what < sizeof firsts / sizeof *firsts; what++) {
    build(s);
    damage_tables(s, 50);
    stave_db* db = open_it(s, firsts[what].read_only, "false");
    file_names hints = files_ending(s->store, ".hint");
    assert_true(hints.count >= 4);
    for (size_t i = 0; i < hints.count; i++) {
      if (i % 2 == 0) remove_file(s->store, hints.name[i]);
      if (i % 2 == 1) flip_bit(s->store, hints.name[i], 8 * 1000);
    }
    firsts[what].act(db);
    close_store(db);
    db = open_it(s, "false", "false");
    expect_whole(db, firsts[what].more);
    close_store(db);
  }
}

/* What cannot be filled again is an error, never an absent key. */
static void damage_of_the_files_too_is_told(void** state) {
  const scratch* s = *state;
  build(s);
  damage_tables(s, 50);
  stave_db* db = open_it(s, "false", "false");
  file_names hints = files_ending(s->store, ".hint");
  for (size_t i = 0; i < hints.count; i++) remove_file(s->store, hints.name[i]);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[1], 8 * 30000);
  unsigned corrupt = 0;
  for (unsigned i = 0; i < kKeys - kGone; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    void* value = NULL;
    size_t length = 0;
    int code = stave_get(db, key, strlen(key), &value, &length);
    if (code != STAVE_OK) expect(STAVE_CORRUPT, code);
    corrupt += code == STAVE_CORRUPT;
    stave_free(value);
  }
  /* Positional mode noticed the tables when it opened, and loaded the hints. */
  if (strcmp(io_mode(), "mapped") == 0) {
    assert_true(corrupt > 1);
    expect(STAVE_CORRUPT, stave_put(db, "new", 3, "v", 1, 0));
    expect(STAVE_CORRUPT, stave_delete(db, "absent", 6, 0));
    expect(STAVE_CORRUPT, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  (void)stave_close(db);
  stave_release(db);
  if (strcmp(io_mode(), "mapped") != 0) return;
  expect(STAVE_CORRUPT, open_at(s->store, &db, NULL)); /* and the next open says where */
  expect_text(logs.name[1]);
}

static void it_is_written_anew_at_close(void** state) {
  const scratch* s = *state;
  if (strcmp(io_mode(), "mapped") != 0) skip(); /* there it is loaded anew, like a missing one */
  build(s);
  damage_tables(s, 50);
  for (int round = 0; round < 2; round++) {
    /* With so few operations no other reason writes one. */
    stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
    expect_whole(db, 0);
    assert_int_equal(events_naming(db, "KEYDIR") > 0, round == 0);
    close_store(db);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(from_hints),
      CASE(from_records_where_a_hint_is_gone_or_damaged),
      CASE(damage_of_the_files_too_is_told),
      CASE(it_is_written_anew_at_close),
  };
  return cmocka_run_group_tests_name("damaged_keydir", tests, NULL, NULL);
}
