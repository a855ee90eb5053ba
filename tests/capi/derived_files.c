/* Files that the store can do without, files that it cannot, and files that are not its own. */
#include <unistd.h>

#include "harness.h"

enum { kKeys = 300, kSize = 900 };

static stave_db* open_small(const scratch* s) {
  return open_store(s, "max_file_size", "64KiB", "merge.policy", "never", "checkpoint_min_ops", "0",
                    NULL);
}

/* Several sealed files, hints, and a KEYDIR. */
static void build(const scratch* s) {
  stave_db* db = open_small(s);
  put_many(db, kKeys, kSize, 1);
  put_many(db, kKeys / 3, kSize, 2);
  delete_text(db, "key-0299");
  close_store(db);
  assert_true(files_ending(s->store, ".log").count >= 5);
  assert_true(files_ending(s->store, ".hint").count >= 4);
  assert_true(file_exists(s->store, "KEYDIR"));
}

static void expect_whole(stave_db* db) {
  assert_int_equal(stats_of(db).keys, kKeys - 1);
  expect_many(db, kKeys / 3, kSize, 2);
  char value[kSize];
  for (unsigned i = kKeys / 3; i < kKeys - 1; i++) {
    char key[32];
    snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, kSize, 1ULL << 32 | i);
    expect_bytes(db, key, strlen(key), value, kSize);
  }
  expect_missing(db, "key-0299");
  assert_int_equal(count_keys(db), kKeys - 1);
}

typedef enum damage { kCut, kEmpty, kZeros, kNoise, kGrown, kDamages } damage;

static void damage_file(const char* dir, const char* name, damage how) {
  size_t length = 0;
  char* bytes = read_whole(dir, name, &length);
  bytes = realloc(bytes, length + 100);
  if (how == kZeros) memset(bytes, 0, length);
  if (how == kNoise) fill_bytes(bytes + length / 4, length / 2, 42);
  if (how == kGrown) memset(bytes + length, 0, 100);
  size_t now = how == kCut ? length - 9 : how == kEmpty ? 0 : how == kGrown ? length + 100 : length;
  write_whole(dir, name, bytes, now);
  free(bytes);
}

static void missing_hints_are_rebuilt(void** state) {
  scratch* s = *state;
  build(s);
  file_names hints = files_ending(s->store, ".hint");
  for (size_t i = 0; i < hints.count; i++) remove_file(s->store, hints.name[i]);
  remove_file(s->store, "KEYDIR");
  stave_db* db = open_small(s);
  expect_whole(db);
  for (int i = 0; i < 500 && files_ending(s->store, ".hint").count < hints.count; i++) {
    usleep(10000); /* in the background */
  }
  assert_true(files_ending(s->store, ".hint").count >= hints.count);
  stave_verify_report report;
  memset(&report, 0, sizeof report);
  report.size = sizeof report;
  expect(STAVE_OK, stave_verify(db, &report));
  close_store(db);
}

static void damaged_hints_are_noticed_and_rebuilt(void** state) {
  scratch* s = *state;
  for (damage how = 0; how < kDamages; how++) {
    remove_tree(s->store);
    build(s);
    file_names hints = files_ending(s->store, ".hint");
    for (size_t i = 0; i < hints.count; i++) damage_file(s->store, hints.name[i], how);
    remove_file(s->store, "KEYDIR");
    stave_db* db = open_small(s);
    expect_whole(db);
    assert_true(events_naming(db, hints.name[0]) > 0);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    expect_whole(db);
    close_store(db);
  }
}

static void another_files_hint_is_not_believed(void** state) {
  scratch* s = *state;
  build(s);
  file_names hints = files_ending(s->store, ".hint");
  size_t length = 0;
  char* bytes = read_whole(s->store, hints.name[1], &length);
  write_whole(s->store, hints.name[0], bytes, length);
  free(bytes);
  remove_file(s->store, "KEYDIR");
  stave_db* db = open_small(s);
  expect_whole(db);
  close_store(db);
}

static void a_damaged_keydir_is_noticed_and_rebuilt(void** state) {
  scratch* s = *state;
  for (damage how = 0; how < kDamages; how++) {
    remove_tree(s->store);
    build(s);
    damage_file(s->store, "KEYDIR", how);
    stave_db* db = NULL;
    stave_options* o = options_with("max_file_size", "64KiB", "merge.policy", "never", NULL);
    expect(STAVE_OK, stave_open(s->store, o, &db));
    stave_options_destroy(o);
    expect_whole(db);
    if (how != kGrown) assert_true(events_naming(db, "KEYDIR") > 0);
    close_store(db);
    db = open_small(s);
    expect_whole(db);
    close_store(db);
  }
}

static void a_keydir_of_an_earlier_close_is_not_believed(void** state) {
  scratch* s = *state;
  build(s);
  size_t length = 0;
  char* old = read_whole(s->store, "KEYDIR", &length);
  stave_db* db = open_small(s);
  put_text(db, "key-0000", "newer");
  delete_text(db, "key-0001");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  close_store(db);
  write_whole(s->store, "KEYDIR", old, length);
  free(old);
  db = open_small(s);
  expect_holds(db, "key-0000", "newer");
  expect_missing(db, "key-0001");
  assert_int_equal(stats_of(db).keys, kKeys - 2);
  close_store(db);
}

static void a_write_after_a_clean_open_is_not_lost_by_the_old_keydir(void** state) {
  scratch* s = *state;
  build(s);
  stave_db* db = open_small(s);
  put_text(db, "key-0000", "newer");
  delete_text(db, "key-0001");
  stave_release(db);
  db = open_small(s);
  expect_holds(db, "key-0000", "newer");
  expect_missing(db, "key-0001");
  close_store(db);
}

static void leftovers_with_our_names_go_and_other_files_stay(void** state) {
  scratch* s = *state;
  build(s);
  const char* ours[] = {"0000099999.log", "0000099999.hint"};
  const char* others[] = {"notes.txt", "99999.log", "0000099999.log.bak", "00000999990.logs"};
  for (size_t i = 0; i < 2; i++) write_whole(s->store, ours[i], "leftover", 8);
  for (size_t i = 0; i < 4; i++) write_whole(s->store, others[i], "not yours", 9);
  stave_db* db = open_store(s, "read_only", "true", NULL);
  expect_whole(db);
  for (size_t i = 0; i < 2; i++) assert_true(file_exists(s->store, ours[i])); /* not a reader's */
  close_store(db);
  db = open_small(s);
  expect_whole(db);
  close_store(db);
  for (size_t i = 0; i < 2; i++) assert_false(file_exists(s->store, ours[i]));
  for (size_t i = 0; i < 4; i++) assert_true(file_exists(s->store, others[i]));
}

static void expect_refused(const scratch* s, int code, const char* text) {
  for (int read_only = 0; read_only < 2; read_only++) {
    stave_db* db = (stave_db*)(uintptr_t)s;
    expect(code, open_at(s->store, &db, "read_only", read_only ? "true" : "false", NULL));
    expect_text(text);
    assert_null(db);
  }
}

static void a_missing_manifest_beside_data_files_is_corrupt_not_a_new_store(void** state) {
  scratch* s = *state;
  build(s);
  size_t files = files_ending(s->store, ".log").count;
  remove_file(s->store, "MANIFEST");
  expect_refused(s, STAVE_CORRUPT, "MANIFEST");
  assert_int_equal(files_ending(s->store, ".log").count, files);
  assert_false(file_exists(s->store, "MANIFEST"));
}

static void an_empty_or_cut_manifest_is_corrupt(void** state) {
  scratch* s = *state;
  build(s);
  size_t length = 0;
  char* bytes = read_whole(s->store, "MANIFEST", &length);
  for (size_t n = 0; n < length; n += length / 7) {
    write_whole(s->store, "MANIFEST", bytes, n);
    expect_refused(s, STAVE_CORRUPT, "MANIFEST");
  }
  write_whole(s->store, "MANIFEST", bytes, length);
  free(bytes);
  stave_db* db = open_small(s);
  expect_whole(db);
  close_store(db);
}

static void a_missing_or_cut_data_file_is_corrupt(void** state) {
  scratch* s = *state;
  build(s);
  file_names logs = files_ending(s->store, ".log");
  size_t length = 0;
  char* bytes = read_whole(s->store, logs.name[1], &length);
  write_whole(s->store, logs.name[1], bytes, length - 8);
  expect_refused(s, STAVE_CORRUPT, logs.name[1]);
  remove_file(s->store, logs.name[1]);
  expect_refused(s, STAVE_CORRUPT, logs.name[1]);
  write_whole(s->store, logs.name[1], bytes, length);
  free(bytes);
  stave_db* db = open_small(s);
  expect_whole(db);
  close_store(db);
}

/* docs/format.md, section 1. */
static uint32_t crc32c(const char* bytes, size_t n) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < n; i++) {
    crc ^= (unsigned char)bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return crc ^ 0xffffffff;
}

static void a_newer_format_is_unsupported_not_corrupt(void** state) {
  scratch* s = *state;
  build(s);
  file_names logs = files_ending(s->store, ".log");
  size_t length = 0;
  char* bytes = read_whole(s->store, logs.name[1], &length);
  bytes[8]++; /* docs/format.md: format_version u32 at 8 */
  write_whole(s->store, logs.name[1], bytes, length);
  expect_refused(s, STAVE_CORRUPT, logs.name[1]); /* the header's checksum says: a flipped bit */
  char before[64];
  memcpy(before, bytes, sizeof before);
  uint32_t crc = crc32c(bytes, 60);
  for (int i = 0; i < 4; i++) bytes[60 + i] = (char)(crc >> 8 * i);
  write_whole(s->store, logs.name[1], bytes, length);
  expect_refused(s, STAVE_UNSUPPORTED, logs.name[1]);
  memcpy(bytes, before, sizeof before);
  bytes[8]--;
  write_whole(s->store, logs.name[1], bytes, length);
  free(bytes);
  bytes = read_whole(s->store, "MANIFEST", &length);
  char* version = strchr(bytes, ' ') + 1; /* first line: "stave-manifest 1" */
  *version = '7';
  write_whole(s->store, "MANIFEST", bytes, length);
  expect_refused(s, STAVE_UNSUPPORTED, "MANIFEST");
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(missing_hints_are_rebuilt),
      CASE(damaged_hints_are_noticed_and_rebuilt),
      CASE(another_files_hint_is_not_believed),
      CASE(a_damaged_keydir_is_noticed_and_rebuilt),
      CASE(a_keydir_of_an_earlier_close_is_not_believed),
      CASE(a_write_after_a_clean_open_is_not_lost_by_the_old_keydir),
      CASE(leftovers_with_our_names_go_and_other_files_stay),
      CASE(a_missing_manifest_beside_data_files_is_corrupt_not_a_new_store),
      CASE(an_empty_or_cut_manifest_is_corrupt),
      CASE(a_missing_or_cut_data_file_is_corrupt),
      CASE(a_newer_format_is_unsupported_not_corrupt),
  };
  return cmocka_run_group_tests_name("derived_files", tests, NULL, NULL);
}
