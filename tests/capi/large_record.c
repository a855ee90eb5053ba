/* A record over 2 GiB, from put to merge: where lengths would not fit 31 bits. Long runs only
 * (STAVE_TEST_SCALE of 1000 or more), and where disk and memory allow. */
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness.h"

#define GIB (1024.0 * 1024 * 1024)

static const size_t kLarge = ((size_t)2 << 30) + 12345;

static bool has_room(const char* dir) {
  struct statvfs fs;
  assert_int_equal(statvfs(dir, &fs), 0);
  const double disk = (double)fs.f_bavail * (double)fs.f_frsize / GIB;
  const double memory = (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / GIB;
  if (test_scaled(1) < 10) {
    print_message("skipped: only in long runs (STAVE_TEST_SCALE=1000)\n");
  } else if (disk < 8 || memory < 9) {
    print_message("skipped: needs 8 GiB of disk and 9 of memory, there are %.1f and %.1f\n", disk,
                  memory);
  } else {
    return true;
  }
  return false;
}

static void expect_large(stave_db* db, const char* value) {
  void* own = NULL;
  size_t length = 0;
  expect(STAVE_OK, stave_get(db, "large", 5, &own, &length));
  assert_int_equal(length, kLarge);
  assert_true(memcmp(own, value, kLarge) == 0);
  stave_free(own);
}

static void a_record_over_two_gib_is_kept_whole(void** state) {
  scratch* s = *state;
  if (!has_room(s->dir)) skip();
  char* value = malloc(kLarge);
  assert_non_null(value);
  fill_bytes(value, kLarge, 7);
  stave_db* db = open_store(s, "merge.policy", "never", NULL);
  put_text(db, "before", "1");
  expect(STAVE_OK, stave_put(db, "large", 5, value, kLarge, 0));
  put_text(db, "after", "2");
  expect_large(db, value);
  stave_verify_report report = {.size = sizeof report};
  expect(STAVE_OK, stave_verify(db, &report));
  close_store(db);
  db = open_store(s, "merge.policy", "never", NULL);
  expect_large(db, value);
  /* Something dead in its file, so that it is copied. */
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_OK, stave_batch_put(batch, "small", 5, "3", 1));
  expect(STAVE_OK, stave_batch_put(batch, "large", 5, value, kLarge));
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  delete_text(db, "small");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_true(stats_of(db).merge_bytes_written > kLarge);
  expect_large(db, value);
  close_store(db);
  db = open_store(s, "read_only", "true", NULL);
  expect_large(db, value);
  expect_holds(db, "after", "2");
  expect_missing(db, "small");
  close_store(db);
  free(value);
}

int main(void) {
  const struct CMUnitTest tests[] = {CASE(a_record_over_two_gib_is_kept_whole)};
  return cmocka_run_group_tests_name("large_record", tests, NULL, NULL);
}
