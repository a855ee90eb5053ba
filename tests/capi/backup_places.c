/* Where a backup may not go: into the store that it is of. */
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static const char* beside(const scratch* s, const char* name) {
  static char paths[2][256];
  static unsigned next;
  char* path = paths[next++ % 2]; /* the last two stay */
  snprintf(path, sizeof paths[0], "%s/%s", s->dir, name);
  return path;
}

static void expect_refused_inside(stave_db* db, const char* dir) {
  expect(STAVE_INVALID_ARGUMENT, stave_backup(db, dir, 0, NULL));
  expect_text("inside the store's directory");
  expect(STAVE_INVALID_ARGUMENT, stave_checkpoint(db, dir));
  expect_text("inside the store's directory");
}

/* A directory there, named as a data file is, kept the store from being opened again. */
static void a_directory_inside_the_store_is_refused(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "a", "1");
  assert_int_equal(symlink(s->store, beside(s, "link")), 0);
  const char* inside[] = {"store/0000000099.log", "store/sub", "store/sub/", "store/no/such",
                          "store/LOCK",           "link/sub",  "link/./sub", "store/../store/x"};
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
    expect_refused_inside(db, beside(s, inside[i]));
  }
  /* The store itself, by whatever name, holds something else than a backup. */
  expect(STAVE_EXISTS, stave_backup(db, beside(s, "link"), 0, NULL));
  expect(STAVE_EXISTS, stave_backup(db, beside(s, "store/../store/"), STAVE_BACKUP_COPY, NULL));
  expect(STAVE_EXISTS, stave_checkpoint(db, beside(s, "link")));
  const char* made[] = {"0000000099.log", "sub", "no", "x", "BACKUP"};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    assert_false(file_exists(s->store, made[i]));
  }
  /* One that is there and leads out is outside, whatever it is called. */
  assert_int_equal(mkdir(beside(s, "outside"), 0755), 0);
  assert_int_equal(symlink(beside(s, "outside"), beside(s, "store/out")), 0);
  expect(STAVE_OK, stave_backup(db, beside(s, "store/out"), 0, NULL));
  assert_int_equal(unlink(beside(s, "store/out")), 0);
  /* A name that only begins as the store's does. */
  expect(STAVE_OK, stave_backup(db, beside(s, "store-2"), 0, NULL));
  expect(STAVE_OK, stave_checkpoint(db, beside(s, "store/../checkpoint")));
  close_store(db);
  close_store(open_store(s, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_directory_inside_the_store_is_refused),
  };
  return cmocka_run_group_tests_name("backup_places", tests, NULL, NULL);
}
