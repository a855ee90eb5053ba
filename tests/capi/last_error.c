/* Codes have names and texts; the last error belongs to the thread that made it. */
#include <pthread.h>

#include "harness.h"

static const int kCodes[] = {0,   1,   2,   3,   108, 109, 100, 101, 102, 103, 104, 105,
                             106, 107, 200, 201, 202, 203, 204, 205, 206, 207, 300, 301,
                             302, 303, 304, 305, 306, 307, 308, 400, 401, 500};

static void every_code_has_its_own_name_and_text(void** state) {
  (void)state;
  size_t n = sizeof kCodes / sizeof *kCodes;
  for (size_t i = 0; i < n; i++) {
    assert_true(strncmp(stave_status_name(kCodes[i]), "STAVE_", 6) == 0);
    assert_true(stave_status_text(kCodes[i])[0] != '\0');
    for (size_t j = 0; j < i; j++) {
      assert_string_not_equal(stave_status_name(kCodes[i]), stave_status_name(kCodes[j]));
      assert_string_not_equal(stave_status_text(kCodes[i]), stave_status_text(kCodes[j]));
    }
  }
  assert_string_equal(stave_status_name(STAVE_OK), "STAVE_OK");
  assert_string_equal(stave_status_name(STAVE_NETWORK_FS), "STAVE_NETWORK_FS");
}

static void unknown_codes_are_said_to_be_unknown(void** state) {
  (void)state;
  const int unknown[] = {-1, 4, 99, 199, 499, 2147483647, -2147483647 - 1};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    assert_non_null(strstr(stave_status_text(unknown[i]), "unknown"));
    assert_non_null(stave_status_name(unknown[i]));
  }
}

static void success_keeps_the_text_of_the_last_failure(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_EMPTY_KEY, stave_put(db, "", 0, "v", 1, 0));
  char text[512];
  snprintf(text, sizeof text, "%s", stave_last_error());
  put_text(db, "k", "v");
  assert_string_equal(stave_last_error(), text);
  close_store(db);
}

static void the_text_says_what_and_where(void** state) {
  scratch* s = *state;
  stave_db* db = NULL;
  expect(STAVE_NO_STORE, open_at(s->store, &db, "create_if_missing", "false", NULL));
  expect_text(s->store);
}

enum { kThreads = 32, kFailures = 200 };

typedef struct failing_thread {
  pthread_t thread;
  pthread_barrier_t* barrier;
  const char* dir;
  unsigned number;
  char wrong[640]; /* what it saw, if that was not its own failure */
} failing_thread;

/* Fails in the thread's own way; `mark` is what its text must hold. */
static int fail_once(failing_thread* t, int* expected, char* mark, size_t cap) {
  int code = STAVE_OK;
  snprintf(mark, cap, "thread-%u-", t->number);
  if (t->number % 2 == 0) {
    *expected = STAVE_NO_STORE;
    char path[512];
    snprintf(path, sizeof path, "%s/thread-%u-", t->dir, t->number);
    stave_options* o = NULL;
    if (stave_options_create(&o) != STAVE_OK) return -1;
    stave_options_set(o, "create_if_missing", "false");
    stave_db* db = NULL;
    code = stave_open(path, o, &db);
    stave_options_destroy(o);
    return code;
  }
  *expected = t->number % 4 == 1 ? STAVE_UNKNOWN_OPTION : STAVE_BAD_OPTION;
  stave_options* o = NULL;
  if (stave_options_create(&o) != STAVE_OK) return -1;
  if (*expected == STAVE_UNKNOWN_OPTION) {
    code = stave_options_set(o, mark, "1");
  } else {
    code = stave_options_set(o, "max_file_size", mark);
  }
  stave_options_destroy(o);
  return code;
}

static void* fail_often(void* argument) {
  failing_thread* t = argument;
  pthread_barrier_wait(t->barrier);
  if (stave_last_error()[0] != '\0') {
    snprintf(t->wrong, sizeof t->wrong, "starts with: %.500s", stave_last_error());
  }
  for (int i = 0; i < kFailures && t->wrong[0] == '\0'; i++) {
    int expected = -1;
    char mark[64];
    int code = fail_once(t, &expected, mark, sizeof mark);
    if (code != expected || strstr(stave_last_error(), mark) == NULL) {
      snprintf(t->wrong, sizeof t->wrong, "%s: %.500s", stave_status_name(code),
               stave_last_error());
    }
  }
  return NULL;
}

static void thirty_two_threads_failing_at_once_each_see_their_own_text(void** state) {
  scratch* s = *state;
  static failing_thread threads[kThreads];
  memset(threads, 0, sizeof threads);
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, kThreads);
  for (unsigned i = 0; i < kThreads; i++) {
    threads[i].barrier = &barrier;
    threads[i].dir = s->dir;
    threads[i].number = i;
    assert_int_equal(pthread_create(&threads[i].thread, NULL, fail_often, &threads[i]), 0);
  }
  for (unsigned i = 0; i < kThreads; i++) pthread_join(threads[i].thread, NULL);
  pthread_barrier_destroy(&barrier);
  for (unsigned i = 0; i < kThreads; i++) {
    if (threads[i].wrong[0]) print_error("thread %u: %s\n", i, threads[i].wrong);
    assert_int_equal(threads[i].wrong[0], '\0');
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_code_has_its_own_name_and_text),
      CASE(unknown_codes_are_said_to_be_unknown),
      CASE(success_keeps_the_text_of_the_last_failure),
      CASE(the_text_says_what_and_where),
      CASE(thirty_two_threads_failing_at_once_each_see_their_own_text),
  };
  return cmocka_run_group_tests_name("last_error", tests, NULL, NULL);
}
