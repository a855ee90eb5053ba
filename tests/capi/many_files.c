/* More files than the process may have descriptors. */
#include <sys/resource.h>

#include "harness.h"

enum { kFiles = 220, kDescriptors = 150 };

static void more_files_than_descriptors(void** state) {
  scratch* s = *state;
  if (strcmp(io_mode(), "mapped") != 0) skip(); /* positional mode keeps every file open */
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit few = before;
  few.rlim_cur = kDescriptors;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  stave_db* db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never",
                            "checkpoint_min_ops", "0", NULL);
  put_many(db, kFiles, 60000, 1);
  close_store(db);
  assert_true(files_ending(s->store, ".log").count > kDescriptors);
  for (int with_keydir = 1; with_keydir >= 0; with_keydir--) {
    if (!with_keydir) remove_file(s->store, "KEYDIR");
    db = open_store(s, "max_file_size", "64KiB", "merge.policy", "never", "checkpoint_min_ops", "0",
                    NULL);
    expect_many(db, kFiles, 60000, 1);
    assert_int_equal(count_keys(db), kFiles);
    stave_verify_report report;
    memset(&report, 0, sizeof report);
    report.size = sizeof report;
    expect(STAVE_OK, stave_verify(db, &report));
    close_store(db);
  }
  db = open_store(s, "read_only", "true", NULL);
  assert_int_equal(count_keys(db), kFiles);
  close_store(db);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {CASE(more_files_than_descriptors)};
  return cmocka_run_group_tests_name("many_files", tests, NULL, NULL);
}
