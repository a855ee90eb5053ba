/* Where no thread can be started: an error that says so, nothing lost, nothing hangs. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "harness.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZER_OWNS_THREADS 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SANITIZER_OWNS_THREADS 1
#endif

static int started;        /* threads, since it was set to 0 */
static int may_start = -1; /* so many more; -1: any number */

#ifndef SANITIZER_OWNS_THREADS
typedef int (*creator)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

/* In place of the system's, for the library too. */
__attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                          const pthread_attr_t* attr,
                                                          void* (*start)(void*), void* argument) {
  if (may_start == 0) return EAGAIN;
  if (may_start > 0) may_start--;
  started++;
  creator real = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, "pthread_create");
  return real(thread, attr, start, argument);
}
#endif

static int threads_setup(void** state) {
  started = 0;
  may_start = -1;
  return scratch_setup(state);
}

static int threads_teardown(void** state) {
  may_start = -1;
  return scratch_teardown(state);
}

static void skip_where_threads_cannot_be_refused(void) {
#ifdef SANITIZER_OWNS_THREADS
  print_message("skipped: the thread sanitizer has a pthread_create of its own\n");
  skip();
#endif
}

static void an_open_without_its_merge_thread_fails_and_can_be_repeated(void** state) {
  scratch* s = *state;
  skip_where_threads_cannot_be_refused();
  stave_db* db = NULL;
  may_start = 0;
  expect(STAVE_NO_MEMORY, open_at(s->store, &db, NULL));
  expect_text("thread");
  assert_null(db);
  may_start = -1;
  db = open_store(s, NULL);
  assert_true(started >= 1); /* or this file tests nothing */
  put_text(db, "k", "v");
  close_store(db);
}

/* Of the writer's threads none is left running, whichever of them cannot be had. */
static void a_first_write_without_threads_writes_nothing(void** state) {
  scratch* s = *state;
  skip_where_threads_cannot_be_refused();
  for (int n = 0; n < 3; n++) {
    stave_db* db = open_store(s, "merge.policy", "never", "sync", "interval:1s", NULL);
    may_start = n;
    expect(STAVE_NO_MEMORY, stave_put(db, "k", 1, "v", 1, 0));
    expect_text("thread");
    expect_missing(db, "k");
    expect(STAVE_NO_MEMORY, stave_put(db, "k", 1, "v", 1, 0));
    may_start = -1;
    close_store(db);
  }
  stave_db* db = open_store(s, "merge.policy", "never", NULL);
  expect_missing(db, "k");
  put_text(db, "k", "v");
  close_store(db);
}

static void loading_and_merging_do_without(void** state) {
  scratch* s = *state;
  skip_where_threads_cannot_be_refused();
  stave_db* db = open_store(s, "merge.policy", "never", "max_file_size", "64KiB", NULL);
  put_many(db, 300, 900, 1);
  put_many(db, 100, 900, 2);
  close_store(db);
  may_start = 0; /* loaders */
  db = open_store(s, "merge.policy", "never", "load_threads", "4", NULL);
  assert_int_equal(stats_of(db).keys, 300);
  may_start = -1;
  put_text(db, "k", "v");
  may_start = 0; /* the merge's writing thread */
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_true(stats_of(db).merges >= 1);
  expect_many(db, 100, 900, 2);
  close_store(db);
}

static void a_deleted_range_is_swept_by_the_call(void** state) {
  scratch* s = *state;
  skip_where_threads_cannot_be_refused();
  stave_db* db = open_store(s, "merge.policy", "never", NULL);
  put_many(db, 300, 10, 1);
  may_start = 0;
  expect(STAVE_OK, stave_delete_prefix(db, "key-01", 6, 0));
  assert_int_equal(stats_of(db).keys, 200);
  may_start = -1;
  expect(STAVE_OK, stave_delete_prefix(db, "key-02", 6, 0));
  assert_int_equal(stats_of(db).keys, 100);
  close_store(db);
}

#define THREADS_CASE(function) \
  cmocka_unit_test_setup_teardown(function, threads_setup, threads_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      THREADS_CASE(an_open_without_its_merge_thread_fails_and_can_be_repeated),
      THREADS_CASE(a_first_write_without_threads_writes_nothing),
      THREADS_CASE(loading_and_merging_do_without),
      THREADS_CASE(a_deleted_range_is_swept_by_the_call),
  };
  return cmocka_run_group_tests_name("no_threads", tests, NULL, NULL);
}
