/* Repair, salvage and hints through the C API, on real files. */
#include "harness.h"

enum { kKeys = 400 };

static stave_repair_report repaired(const char* dir, const char* read_only, int code) {
  stave_options* o = options_with("read_only", read_only, "max_file_size", "64KiB", NULL);
  stave_repair_report r;
  memset(&r, 0xee, sizeof r);
  r.size = sizeof r;
  expect(code, stave_repair(dir, o, &r));
  assert_int_equal(r.size, sizeof r);
  stave_options_destroy(o);
  return r;
}

/* Some files: two rounds of puts, a delete, a batch. */
static void make_store(const scratch* s) {
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
  put_many(db, kKeys, 300, 1);
  put_many(db, kKeys / 2, 300, 2);
  delete_text(db, "key-0399");
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_put(batch, "batch", 5, "value", 5));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  close_store(db);
}

static void expect_all(const scratch* s) {
  stave_db* db = open_store(s, NULL);
  assert_int_equal(stats_of(db).opened_clean, 1);
  assert_int_equal(count_keys(db), kKeys);
  expect_many(db, kKeys / 2, 300, 2);
  expect_missing(db, "key-0399");
  expect_holds(db, "batch", "value");
  stave_verify_report v = {.size = sizeof v};
  expect(STAVE_OK, stave_verify(db, &v));
  assert_int_equal(v.bad_hints, 0);
  close_store(db);
}

static void a_whole_store_needs_none(void** state) {
  const scratch* s = *state;
  make_store(s);
  stave_repair_report r = repaired(s->store, "false", STAVE_OK);
  assert_int_equal(r.changed, 0);
  assert_string_equal(r.first_problem, "");
  assert_false(file_exists(s->store, "quarantine"));
  expect(STAVE_OK, stave_repair(s->store, NULL, NULL));
  expect_all(s);
}

static void bad_arguments(void** state) {
  const scratch* s = *state;
  stave_repair_report r = repaired(s->store, "false", STAVE_NO_STORE);
  assert_int_equal(r.files, 0);
  expect(STAVE_NULL_ARGUMENT, stave_repair(NULL, NULL, &r));
  expect(STAVE_INVALID_ARGUMENT, stave_repair("", NULL, NULL));
  r.size = 0;
  expect(STAVE_INVALID_ARGUMENT, stave_repair(s->store, NULL, &r));
  expect(STAVE_NULL_ARGUMENT, stave_rebuild_hints(NULL));
  stave_db* db = open_store(s, NULL);
  expect(STAVE_BUSY, stave_repair(s->store, NULL, NULL));
  close_store(db);
  db = NULL;
  expect(STAVE_OK, open_at(s->store, &db, "read_only", "true", NULL));
  expect(STAVE_READ_ONLY, stave_rebuild_hints(db));
  close_store(db);
}

static void a_lost_manifest(void** state) {
  const scratch* s = *state;
  make_store(s);
  remove_file(s->store, "MANIFEST");
  stave_db* db = NULL;
  expect(STAVE_CORRUPT, open_at(s->store, &db, NULL));
  expect_text("stave repair");
  stave_repair_report r = repaired(s->store, "true", STAVE_OK);
  assert_int_equal(r.changed, 1);
  assert_false(file_exists(s->store, "MANIFEST"));
  r = repaired(s->store, "false", STAVE_OK);
  assert_int_equal(r.manifest_rebuilt, 1);
  assert_int_equal(r.lost_regions, 0);
  assert_true(strstr(r.quarantine, "/quarantine/repair-1") != NULL);
  assert_true(file_exists(r.quarantine, "report.txt"));
  expect_all(s);
}

/* A bit of every part of a file in turn; what is lost is at most the record around it. */
static void a_bit_anywhere(void** state) {
  const scratch* s = *state;
  make_store(s);
  file_names logs = files_ending(s->store, ".log");
  assert_true(logs.count >= 3);
  char copy[200];
  snprintf(copy, sizeof copy, "%s/copy", s->dir);
  size_t length = 0;
  free(read_whole(s->store, logs.name[1], &length));
  uint64_t step = length * 8 / test_scaled(12) + 1;
  for (uint64_t bit = 5; bit < length * 8; bit += step) {
    copy_store(s->store, copy);
    flip_bit(copy, logs.name[1], bit);
    stave_repair_report r = repaired(copy, "false", STAVE_OK);
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.files_rewritten, 1);
    assert_true(r.lost_regions <= 1);
    stave_db* db = NULL;
    expect(STAVE_OK, open_at(copy, &db, NULL));
    uint64_t keys = count_keys(db);
    assert_true(keys >= kKeys - 1 && keys <= kKeys);
    stave_verify_report v = {.size = sizeof v};
    expect(STAVE_OK, stave_verify(db, &v));
    close_store(db);
    remove_tree(copy);
  }
}

static void salvage_reads_and_changes_nothing(void** state) {
  const scratch* s = *state;
  make_store(s);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 64 * 8 + 3);
  remove_file(s->store, "MANIFEST");
  stave_db* db = NULL;
  expect(STAVE_OK, open_at(s->store, &db, "salvage", "true", NULL));
  assert_int_equal(stats_of(db).salvage_lost_regions, 1);
  assert_true(stats_of(db).salvage_lost_bytes >= 300);
  assert_int_equal(stats_of(db).read_only, 1);
  assert_true(events_naming(db, logs.name[0]) > 0);
  expect_many(db, kKeys / 2, 300, 2);
  expect_missing(db, "key-0399");
  assert_int_equal(count_keys(db), kKeys); /* the lost one was superseded */
  expect(STAVE_READ_ONLY, stave_put(db, "k", 1, "v", 1, 0));
  expect(STAVE_OK, stave_refresh(db));
  close_store(db);
  assert_false(file_exists(s->store, "MANIFEST"));
  assert_false(file_exists(s->store, "quarantine"));
  expect(STAVE_CORRUPT, open_at(s->store, &db, NULL));
}

/* Both answered OK, and wrote into the memory of the process. */
static void a_salvaged_store_is_backed_up_into_a_sound_one(void** state) {
  const scratch* s = *state;
  make_store(s);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 64 * 8 + 3);
  flip_bit(s->store, logs.name[1], 40000 * 8); /* of a key that was put once */
  char damaged[200];
  snprintf(damaged, sizeof damaged, "%s/damaged", s->dir);
  copy_store(s->store, damaged);
  stave_db* db = open_store(s, "salvage", "true", NULL);
  const uint64_t keys = count_keys(db);
  assert_true(keys < kKeys);
  for (unsigned i = 0; i < 3; i++) {
    char to[200];
    snprintf(to, sizeof to, "%s/to-%u", s->dir, i);
    stave_backup_report r = {.size = sizeof r};
    if (i == 0) expect(STAVE_OK, stave_checkpoint(db, to));
    if (i != 0) expect(STAVE_OK, stave_backup(db, to, i == 1 ? 0 : STAVE_BACKUP_COPY, &r));
    assert_int_equal(r.files_linked, 0);
    assert_true(i == 0 || (r.files_copied == r.files && r.bytes_copied >= r.bytes));
    expect(STAVE_EXISTS, stave_checkpoint(db, to));
    /* Again into the same one: up to date. */
    if (i != 0) expect(STAVE_OK, stave_backup(db, to, 0, &r));
    assert_int_equal(r.files_kept, r.files);
    stave_db* sound = NULL;
    expect(STAVE_OK, open_at(to, &sound, NULL));
    assert_int_equal(count_keys(sound), keys);
    assert_int_equal(stats_of(sound).opened_clean, 1);
    expect_many(sound, kKeys / 4, 300, 2);
    expect_missing(sound, "key-0399");
    expect_holds(sound, "batch", "value");
    put_text(sound, "more", "1");
    stave_verify_report v = {.size = sizeof v};
    expect(STAVE_OK, stave_verify(sound, &v));
    assert_int_equal(v.bad_hints, 0);
    close_store(sound);
  }
  expect(STAVE_EXISTS, stave_backup(db, s->store, 0, NULL));
  close_store(db);
  file_names all = files_ending(s->store, "");
  for (size_t i = 0; i < all.count; i++) {
    size_t length = 0;
    size_t length_before = 0;
    char* now = read_whole(s->store, all.name[i], &length);
    char* before = read_whole(damaged, all.name[i], &length_before);
    assert_int_equal(length, length_before);
    assert_memory_equal(now, before, length);
    free(now);
    free(before);
  }
}

static int fill_and_die(void* argument) {
  stave_db* db = NULL;
  if (open_at(argument, &db, "max_file_size", "64KiB", NULL) != STAVE_OK) return 1;
  put_many(db, kKeys, 300, 1);
  /* Else damage in a file that is not sealed yet passes for what the kill tore. */
  return stave_sync(db) == STAVE_OK ? 0 : 1;
}

static void expect_salvage_says(const char* dir, unsigned clean) {
  stave_db* db = NULL;
  expect(STAVE_OK, open_at(dir, &db, "salvage", "true", NULL));
  const stave_stats stats = stats_of(db);
  assert_true(stats.last_seq >= kKeys - 1);
  assert_int_equal(stats.opened_clean, clean);
  assert_int_equal(stats.durable_seq, clean ? stats.last_seq : 0);
  expect(STAVE_OK, stave_refresh(db));
  assert_int_equal(stats_of(db).durable_seq, stats.durable_seq);
  close_store(db);
}

/* It took its own MANIFEST, made in memory, at its word. */
static void salvage_claims_no_more_than_the_writer_did(void** state) {
  const scratch* s = *state;
  make_store(s);
  expect_salvage_says(s->store, 1);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 64 * 8 + 3);
  expect_salvage_says(s->store, 1);
  remove_file(s->store, "MANIFEST");
  expect_salvage_says(s->store, 0);
  char killed[200];
  snprintf(killed, sizeof killed, "%s/killed", s->dir);
  assert_int_equal(in_child(fill_and_die, killed), 0);
  expect_salvage_says(killed, 0);
  logs = files_ending(killed, ".log");
  flip_bit(killed, logs.name[0], 64 * 8 + 3);
  expect_salvage_says(killed, 0);
}

/* Its numbers were those of what it had done until then. */
static void a_repair_that_fails_reports_nothing(void** state) {
  const scratch* s = *state;
  make_store(s);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 64 * 8 + 3);
  write_whole(s->store, "quarantine", "x", 1); /* where a directory is to be */
  stave_repair_report r;
  memset(&r, 0xee, sizeof r);
  r.size = sizeof r;
  stave_options* o = options_with(NULL);
  assert_int_not_equal(stave_repair(s->store, o, &r), STAVE_OK);
  stave_options_destroy(o);
  stave_repair_report none;
  memset(&none, 0, sizeof none);
  none.size = sizeof none;
  assert_memory_equal(&r, &none, sizeof r);
}

static void seek_about(stave_db* db) {
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  for (char c = '!'; c <= '~'; c++) (void)stave_iter_seek(it, &c, 1);
  stave_iter_destroy(it);
}

static void hints_are_made_anew(void** state) {
  const scratch* s = *state;
  make_store(s);
  file_names hints = files_ending(s->store, ".hint");
  assert_true(hints.count >= 2);
  size_t length = 0;
  char* whole = read_whole(s->store, hints.name[0], &length);
  stave_db* db = open_store(s, NULL);
  seek_about(db); /* from now on the hints are open */
  remove_file(s->store, hints.name[0]);
  flip_bit(s->store, hints.name[1], 99);
  expect(STAVE_OK, stave_rebuild_hints(db));
  assert_int_equal(events_naming(db, hints.name[0]), 1);
  seek_about(db);
  assert_int_equal(events_naming(db, ".log"), 0); /* no index was made in memory */
  size_t again = 0;
  char* made = read_whole(s->store, hints.name[0], &again);
  assert_int_equal(again, length);
  assert_memory_equal(made, whole, length);
  free(made);
  free(whole);
  stave_verify_report v = {.size = sizeof v};
  expect(STAVE_OK, stave_verify(db, &v));
  assert_int_equal(v.bad_hints, 0);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 100 * 8);
  expect(STAVE_CORRUPT, stave_rebuild_hints(db));
  expect_text(logs.name[0]);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_whole_store_needs_none),
      CASE(bad_arguments),
      CASE(a_lost_manifest),
      CASE(a_bit_anywhere),
      CASE(hints_are_made_anew),
      CASE(salvage_reads_and_changes_nothing),
      CASE(a_salvaged_store_is_backed_up_into_a_sound_one),
      CASE(salvage_claims_no_more_than_the_writer_did),
      CASE(a_repair_that_fails_reports_nothing),
  };
  return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
