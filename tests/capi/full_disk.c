/* A full disk, on a small tmpfs of its own: an error, nothing lost, and deletes go on. Mounting
 * needs root; without it the cases say so and are skipped. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness.h"

enum { kSize = 4000, kPutsMax = 16000 };

static int disk_of(void** state, const char* size) {
  if (scratch_setup(state) != 0) return -1;
  scratch* s = *state;
  if (mount("tmpfs", s->dir, "tmpfs", 0, size) != 0) {
    print_message("skipped: no tmpfs can be mounted: %s\n", strerror(errno));
    s->store[0] = '\0';
  }
  return 0;
}

static int disk_setup(void** state) { return disk_of(state, "size=8m"); }

static int larger_disk_setup(void** state) { return disk_of(state, "size=24m"); }

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

/* Deletes one key of `each`; returns how many of n keys are left. The reserve for deletes has an
 * end: what it refuses stays. */
static unsigned thin_out(stave_db* db, unsigned n, unsigned each) {
  for (unsigned i = 0; i < n; i += each) {
    int code = stave_delete(db, &i, sizeof i, 0);
    if (code != STAVE_OK) expect(STAVE_NO_SPACE, code);
  }
  return (unsigned)stats_of(db).keys;
}

static void expect_thinned(stave_db* db, unsigned n, unsigned each) {
  char value[kSize];
  for (unsigned i = 0; i < n; i++) {
    if (i % each == 0) continue;
    fill_bytes(value, kSize, i);
    expect_bytes(db, &i, sizeof i, value, kSize);
  }
}

/* A merge needs room before it gives any back: for one file's live records. What was made ahead of
 * the writer stood in its way, and merging all files in one go needed much more. */
static void bring_back(scratch* s, unsigned file_mib, unsigned each) {
  char file_size[16];
  snprintf(file_size, sizeof file_size, "%uMiB", file_mib);
  make_filler(s, file_mib << 20);
  stave_db* db = open_store(s, "max_file_size", file_size, "merge.policy", "never", NULL);
  unsigned n = fill(db, 0);
  n = fill(db, n);
  const unsigned left = thin_out(db, n, each);
  assert_true(left < n);
  remove_file(s->dir, "filler");
  usleep(500000); /* the writer looks again by itself, and takes some */
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_int_equal(stats_of(db).keys, left);
  expect_thinned(db, n, each);
  const unsigned more = fill(db, n) - n;
  print_message("%s: %u of %u deleted, %u put afterwards\n", file_size, n - left, n, more);
  assert_true(more > (n - left) / 2);
  expect_thinned(db, n, each);
  close_store(db);
  db = open_store(s, "max_file_size", file_size, "merge.policy", "never", NULL);
  assert_int_equal(stats_of(db).keys, left + more);
  expect_thinned(db, n, each);
  close_store(db);
}

static void a_merge_brings_a_full_store_of_many_files_back(void** state) {
  SKIP_WITHOUT_DISK((scratch*)*state);
  bring_back(*state, 1, 2);
}

static void a_merge_brings_a_full_store_back_that_is_mostly_alive(void** state) {
  SKIP_WITHOUT_DISK((scratch*)*state);
  bring_back(*state, 1, 6);
}

static void a_merge_brings_a_full_store_of_few_files_back(void** state) {
  SKIP_WITHOUT_DISK((scratch*)*state);
  bring_back(*state, 4, 2);
}

static unsigned fill_with(stave_db* db, size_t size) {
  char value[1000] = {0};
  unsigned n = 0;
  for (int refused = 0; refused < 25;) { /* what the background gives back may let more in */
    int code = stave_put(db, &n, sizeof n, value, size, 0);
    if (code == STAVE_OK) {
      n++;
    } else {
      expect(STAVE_NO_SPACE, code);
      refused++;
      usleep(20000);
    }
  }
  return n;
}

/* A file that is being sealed or made meanwhile holds blocks that are free a moment later. */
static int try_to_merge(stave_db* db) {
  int code = STAVE_NO_SPACE;
  for (int tries = 0; tries < 5 && code == STAVE_NO_SPACE; tries++) {
    if (tries > 0) print_message("no space for a merge: %s\n", stave_last_error());
    code = stave_merge(db, STAVE_MERGE_UNCAPPED);
  }
  if (code != STAVE_OK) expect(STAVE_NO_SPACE, code);
  return code;
}

static void resize_disk(const scratch* s, const char* size) {
  assert_int_equal(mount("tmpfs", s->dir, "tmpfs", MS_REMOUNT, size), 0);
}

/* How far the fill got beyond the reserve decides whether the tombstones of all fit into it. Where
 * they do not, and what is alive in the one file finds no room either, the disk must grow. */
static void delete_on_full_disk(const scratch* s, stave_db* db, unsigned key) {
  int code = stave_delete(db, &key, sizeof key, 0);
  if (code == STAVE_NO_SPACE) {
    if (try_to_merge(db) != STAVE_OK) {
      print_message("stuck with %u keys\n", (unsigned)stats_of(db).keys);
      resize_disk(s, "size=16m");
    }
    code = stave_delete(db, &key, sizeof key, 0);
  }
  expect(STAVE_OK, code);
}

/* All in the one file that is written to, and nothing alive in it: there was no room to begin the
 * next file, none for a hint, and so nothing was given back before a reopen. */
static void all_deleted_is_all_given_back(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  const size_t sizes[] = {100, 300, 1000};
  for (size_t i = 0; i < 3; i++) {
    stave_db* db = open_store(s, "merge.policy", "never", NULL);
    unsigned n = fill_with(db, sizes[i]);
    for (unsigned key = 0; key < n; key++) delete_on_full_disk(s, db, key);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    assert_int_equal(stats_of(db).keys, 0);
    assert_true(stats_of(db).disk_bytes < 1 << 20);
    resize_disk(s, "size=8m");
    unsigned again = fill_with(db, sizes[i]);
    print_message("%zu bytes: %u keys, then %u\n", sizes[i], n, again);
    assert_true(again > n / 2);
    close_store(db);
    remove_tree(s->store);
  }
}

/* The tombstones need more than the reserve, so merges must give back in between. */
static void deletes_and_merges_take_turns_until_all_is_gone(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  stave_db* db = open_small(s);
  unsigned n = fill_with(db, 100);
  unsigned merges = 0;
  for (unsigned key = 0; key < n; key++) {
    int code = stave_delete(db, &key, sizeof key, 0);
    if (code == STAVE_OK) continue;
    expect(STAVE_NO_SPACE, code);
    merges++;
    /* Where all but tombstones is alive it may find no room, but what it tried leaves some. */
    try_to_merge(db);
    expect(STAVE_OK, stave_delete(db, &key, sizeof key, 0));
  }
  print_message("%u keys, %u merges\n", n, merges);
  assert_true(merges >= 1);
  expect(STAVE_OK, try_to_merge(db));
  assert_int_equal(stats_of(db).keys, 0);
  assert_true(stats_of(db).disk_bytes < 1 << 20);
  close_store(db);
}

static void a_larger_disk_is_seen_at_once(void** state) {
  scratch* s = *state;
  SKIP_WITHOUT_DISK(s);
  stave_db* db = open_small(s);
  unsigned n = fill(db, 0);
  n = fill(db, n);
  thin_out(db, n, 40);
  n = fill(db, n);
  usleep(500000); /* so that the last word of the disk was no */
  resize_disk(s, "size=48m");
  put_text(db, "first", "after");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_thinned(db, n, 40);
  close_store(db);
}

#define LARGER_DISK_CASE(function) \
  cmocka_unit_test_setup_teardown(function, larger_disk_setup, disk_teardown)
#define DISK_CASE(function) cmocka_unit_test_setup_teardown(function, disk_setup, disk_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      DISK_CASE(puts_are_refused_and_nothing_is_lost),
      DISK_CASE(deletes_go_on_and_merging_gives_the_space_back),
      DISK_CASE(it_works_again_when_space_returns),
      DISK_CASE(a_merge_without_room_fails_and_keeps_everything),
      LARGER_DISK_CASE(a_merge_brings_a_full_store_of_many_files_back),
      LARGER_DISK_CASE(a_merge_brings_a_full_store_back_that_is_mostly_alive),
      LARGER_DISK_CASE(a_merge_brings_a_full_store_of_few_files_back),
      DISK_CASE(all_deleted_is_all_given_back),
      DISK_CASE(deletes_and_merges_take_turns_until_all_is_gone),
      DISK_CASE(a_larger_disk_is_seen_at_once),
      DISK_CASE(a_store_cannot_be_made_on_a_full_disk_but_can_later),
  };
  return cmocka_run_group_tests_name("full_disk", tests, NULL, NULL);
}
