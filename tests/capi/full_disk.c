/* A full disk, on a small tmpfs of its own: an error, nothing lost, and deletes go on. Mounting
 * needs root; without it the cases say so and are skipped. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness.h"

enum { kSize = 4000, kPutsMax = 4000 };

static int disk_setup(void** state) {
  if (scratch_setup(state) != 0) return -1;
  scratch* s = *state;
  if (mount("tmpfs", s->dir, "tmpfs", 0, "size=8m") != 0) {
    print_message("skipped: no tmpfs can be mounted: %s\n", strerror(errno));
    s->store[0] = '\0';
  }
  return 0;
}

static int disk_teardown(void** state) {
  scratch* s = *state;
  umount2(s->dir, MNT_DETACH);
  return scratch_teardown(state);
}

#define SKIP_WITHOUT_DISK(s) \
  if ((s)->store[0] == '\0') skip()

static stave_db* open_small(const scratch* s) {
  return open_store(s, "max_file_size", "512KiB", "merge.policy", "never", NULL);
}

static void make_filler(const scratch* s, off_t bytes) {
  char path[256];
  snprintf(path, sizeof path, "%s/filler", s->dir);
  int fd = open(path, O_CREAT | O_WRONLY, 0600);
  assert_true(fd >= 0);
  assert_int_equal(posix_fallocate(fd, 0, bytes), 0);
  close(fd);
}

/* Puts until it is refused; returns how many were acknowledged. */
static unsigned fill(stave_db* db, unsigned from) {
  char value[kSize];
  for (unsigned i = from; i < kPutsMax; i++) {
    fill_bytes(value, kSize, i);
    int code = stave_put(db, &i, sizeof i, value, kSize, 0);
    if (code != STAVE_OK) {
      expect(STAVE_NO_SPACE, code);
      return i;
    }
  }
  fail_msg("the disk was never full");
  return 0;
}

static void expect_filled(stave_db* db, unsigned from, unsigned to) {
  char value[kSize];
  for (unsigned i = from; i < to; i++) {
    fill_bytes(value, kSize, i);
    expect_bytes(db, &i, sizeof i, value, kSize);
  }
}

static void puts_are_refused_and_nothing_is_lost(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  stave_db* db = open_small(s);
  unsigned n = fill(db, 0);
  for (int i = 0; i < 20; i++) { /* what the background takes and gives back may let a few in */
    usleep(10000);
    n = fill(db, n);
  }
  assert_true(n > 8u * 1024 * 1024 / kSize / 2);
  expect_filled(db, 0, n);
  assert_int_equal(stats_of(db).keys, n);
  assert_int_equal(stats_of(db).poisoned, 0);
  void* own = NULL;
  size_t length = 0;
  expect(STAVE_NOT_FOUND, stave_get(db, &n, sizeof n, &own, &length));
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  char value[kSize] = {0};
  for (unsigned i = n; i < n + 300; i++) {
    expect(STAVE_OK, stave_batch_put(batch, &i, sizeof i, value, kSize));
  }
  expect(STAVE_NO_SPACE, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  assert_int_equal(stats_of(db).keys, n);
  close_store(db);
  db = open_store(s, "read_only", "true", NULL);
  expect_filled(db, 0, n);
  assert_int_equal(count_keys(db), n);
  close_store(db);
}

static void deletes_go_on_and_merging_gives_the_space_back(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  make_filler(s, 2 << 20);
  stave_db* db = open_small(s);
  unsigned n = fill(db, 0);
  /* The reserve has an end; some hundred deletes are well within it. */
  for (unsigned i = 0; i < n / 5; i++) expect(STAVE_OK, stave_delete(db, &i, sizeof i, 0));
  expect(STAVE_OK, stave_sync(db));
  assert_int_equal(stats_of(db).keys, n - n / 5);
  expect_filled(db, n / 5, n);
  remove_file(s->dir, "filler");
  usleep(500000); /* the writer looks again by itself */
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_filled(db, n / 5, n);
  unsigned more = fill(db, n);
  assert_true(more > n + 500);
  expect_filled(db, n / 5, more);
  close_store(db);
  db = open_small(s);
  expect_filled(db, n / 5, more);
  assert_int_equal(stats_of(db).keys, more - n / 5);
  close_store(db);
}

static void it_works_again_when_space_returns(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  make_filler(s, 3 << 20);
  stave_db* db = open_small(s);
  unsigned n = fill(db, 0);
  remove_file(s->dir, "filler");
  usleep(500000); /* the writer looks again by itself */
  unsigned more = fill(db, n);
  assert_true(more > n + 500);
  expect_filled(db, 0, more);
  stave_release(db);
  db = open_store(s, "read_only", "true", NULL);
  expect_filled(db, 0, more);
  assert_int_equal(stats_of(db).keys, more);
  close_store(db);
}

static void a_merge_without_room_fails_and_keeps_everything(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  stave_db* db = open_small(s);
  unsigned n = fill(db, 0);
  for (unsigned i = 0; i < n; i += 50) expect(STAVE_OK, stave_delete(db, &i, sizeof i, 0));
  int code = stave_merge(db, STAVE_MERGE_UNCAPPED);
  if (code != STAVE_OK) expect(STAVE_NO_SPACE, code);
  for (int reopened = 0; reopened < 2; reopened++) {
    char value[kSize];
    for (unsigned i = 0; i < n; i++) {
      int exists = -1;
      expect(STAVE_OK, stave_exists(db, &i, sizeof i, &exists));
      assert_int_equal(exists, i % 50 != 0);
      fill_bytes(value, kSize, i);
      if (exists) expect_bytes(db, &i, sizeof i, value, kSize);
    }
    close_store(db);
    db = open_store(s, "read_only", "true", NULL);
  }
  close_store(db);
}

static void a_store_cannot_be_made_on_a_full_disk_but_can_later(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  char path[256];
  snprintf(path, sizeof path, "%s/filler", s->dir);
  FILE* f = fopen(path, "wb");
  assert_non_null(f);
  char block[4096] = {0};
  setvbuf(f, NULL, _IONBF, 0);
  while (fwrite(block, 1, sizeof block, f) == sizeof block) continue;
  fclose(f);
  stave_db* db = NULL;
  expect(STAVE_NO_SPACE, open_at(s->store, &db, NULL));
  assert_null(db);
  remove_file(s->dir, "filler");
  db = open_small(s);
  put_text(db, "k", "v");
  expect_holds(db, "k", "v");
  close_store(db);
}

#define DISK_CASE(function) cmocka_unit_test_setup_teardown(function, disk_setup, disk_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      DISK_CASE(puts_are_refused_and_nothing_is_lost),
      DISK_CASE(deletes_go_on_and_merging_gives_the_space_back),
      DISK_CASE(it_works_again_when_space_returns),
      DISK_CASE(a_merge_without_room_fails_and_keeps_everything),
      DISK_CASE(a_store_cannot_be_made_on_a_full_disk_but_can_later),
  };
  return cmocka_run_group_tests_name("full_disk", tests, NULL, NULL);
}
