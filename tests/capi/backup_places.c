/* Backups into the directory of the store that they are of. */
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static void expect_refused(stave_db* db, const char* dir) {
  expect(STAVE_INVALID_ARGUMENT, stave_backup(db, dir, 0, NULL));
  expect_text("has files named like");
  expect(STAVE_INVALID_ARGUMENT, stave_checkpoint(db, dir));
  expect_text("has files named like");
}

/* A directory there, named as a data file is, kept the store from being opened again. */
static void a_name_of_the_stores_own_files_is_refused(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "a", "1");
  assert_int_equal(symlink(s->store, path_beside(s, "link")), 0);
  const char* ours[] = {"store/0000000099.log",
                        "store/0000000099.hint",
                        "store/LOCK",
                        "store/MANIFEST.new",
                        "store/KEYDIR",
                        "store/BACKUP",
                        "store/KEYDIR.tmp/",
                        "link/0000000099.log",
                        "link/./0000000099.log/sub",
                        "store/../store/0000000099.log"};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
    expect_refused(db, path_beside(s, ours[i]));
  }
  /* The store itself, by whatever name, holds something else than a backup. */
  expect(STAVE_EXISTS, stave_backup(db, path_beside(s, "link"), 0, NULL));
  expect(STAVE_EXISTS,
         stave_backup(db, path_beside(s, "store/../store/"), STAVE_BACKUP_COPY, NULL));
  expect(STAVE_EXISTS, stave_checkpoint(db, path_beside(s, "link")));
  const char* made[] = {"0000000099.log", "0000000099.hint", "BACKUP", "KEYDIR.tmp"};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    assert_false(file_exists(s->store, made[i]));
  }
  /* Others do no harm. */
  expect(STAVE_OK, stave_backup(db, path_beside(s, "store/sub"), 0, NULL));
  expect(STAVE_OK, stave_backup(db, path_beside(s, "link/sub/"), 0, NULL));
  expect(STAVE_OK, stave_checkpoint(db, path_beside(s, "store/sub/0000000099.log")));
  /* A name that only begins as the store's does. */
  expect(STAVE_OK, stave_backup(db, path_beside(s, "store-2"), 0, NULL));
  expect(STAVE_OK, stave_checkpoint(db, path_beside(s, "store/../checkpoint")));
  close_store(db);
  close_store(open_store(s, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_name_of_the_stores_own_files_is_refused),
  };
  return cmocka_run_group_tests_name("backup_places", tests, NULL, NULL);
}
