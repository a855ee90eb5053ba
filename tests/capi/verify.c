/* stave_verify: silent on good stores, exact about bad ones. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "harness.h"

static int run_verify(stave_db* db, stave_verify_report* report) {
  memset(report, 0, sizeof *report);
  report->size = sizeof *report;
  return stave_verify(db, report);
}

static stave_db* open_small(const scratch* s) {
  return open_store(s, "max_file_size", "64KiB", "merge.policy", "never", NULL);
}

static void a_good_store_has_no_problems_at_any_stage(void** state) {
  scratch* s = *state;
  stave_verify_report report;
  stave_db* db = open_small(s);
  expect(STAVE_OK, run_verify(db, &report));
  put_many(db, 300, 900, 1);
  put_many(db, 100, 500, 2);
  delete_text(db, "key-0005");
  expect(STAVE_OK, run_verify(db, &report));
  assert_int_equal(report.problems, 0);
  assert_string_equal(report.first_problem, "");
  assert_true(report.records >= 401 && report.bytes >= 300 * 900 && report.files >= 4);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect(STAVE_OK, run_verify(db, &report));
  assert_true(report.records >= 299 && report.hints >= 1);
  stave_release(db);
  db = open_small(s);
  expect(STAVE_OK, run_verify(db, &report));
  close_store(db);
  db = open_store(s, "read_only", "true", NULL);
  expect(STAVE_OK, run_verify(db, &report));
  assert_true(report.records >= 299);
  close_store(db);
}

static void a_bad_record_is_named_with_file_and_offset(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  put_many(db, 300, 900, 1);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  assert_true(logs.count >= 3);
  flip_bit(s->store, logs.name[0], 8 * 500);     /* inside the first record, at offset 64 */
  flip_bit(s->store, logs.name[1], 8 * 500 + 3); /* the second file's as well */
  db = open_small(s);
  stave_verify_report report;
  expect(STAVE_CORRUPT, run_verify(db, &report));
  assert_true(report.problems >= 2);
  assert_true(report.bad_records >= 2);
  assert_non_null(strstr(report.first_problem, logs.name[0]));
  assert_non_null(strstr(report.first_problem, "64"));
  void* own = NULL;
  size_t length = 0;
  expect(STAVE_CORRUPT, stave_get(db, "key-0000", 8, &own, &length));
  expect_text(logs.name[0]);
  expect_text("64");
  assert_true(own == NULL && length == 0);
  char value[900];
  fill_bytes(value, sizeof value, 1ULL << 32 | 1);
  expect_bytes(db, "key-0001", 8, value, sizeof value); /* its neighbour is unharmed */
  close_store(db);
}

/* Takes all queued events of verify; how many name `part`. */
static unsigned told(stave_db* db, const char* part) {
  unsigned n = 0;
  stave_log_event event;
  event.size = sizeof event;
  while (stave_next_log_event(db, &event) == STAVE_OK) {
    if (strstr(event.message, "verify: ") != NULL && strstr(event.message, part) != NULL) n++;
  }
  return n;
}

/* It used to stop at the first bad record of a file, which hid the others, and the hint. */
static void every_bad_place_of_a_file_is_named_and_its_hint_too(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  put_many(db, 300, 900, 1);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  file_names hints = files_ending(s->store, ".hint");
  db = open_small(s);
  const uint64_t record = 928; /* 20 of header, 8 of key, 900 of value */
  flip_bit(s->store, logs.name[0], 8 * (64 + 3 * record + 500));
  flip_bit(s->store, logs.name[0], 8 * (64 + 9 * record + 9)); /* its value's length */
  flip_bit(s->store, logs.name[0], 8 * (64 + 30 * record + 500));
  flip_bit(s->store, hints.name[0], 8 * 100);
  stave_verify_report report;
  expect(STAVE_CORRUPT, run_verify(db, &report));
  assert_int_equal(report.bad_records, 3);
  assert_int_equal(report.bad_hints, 1);
  assert_int_equal(report.problems, 3); /* a hint is made again */
  assert_int_equal(report.bad_keys, 0);
  assert_true(report.records >= 297);
  close_store(db);
}

static void a_bad_record_in_a_batch_is_named_itself(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  char value[900] = {0};
  for (unsigned i = 0; i < 40; i++) {
    char key[16];
    int n = snprintf(key, sizeof key, "key-%04u", i);
    expect(STAVE_OK, stave_batch_put(batch, key, (size_t)n, value, sizeof value));
  }
  expect(STAVE_OK, stave_write(db, batch, 0));
  stave_batch_destroy(batch);
  put_many(db, 100, 900, 1);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  db = open_small(s);
  flip_bit(s->store, logs.name[0], 8 * (64 + 24 + 7 * 928 + 500));
  flip_bit(s->store, logs.name[0], 8 * (64 + 24 + 20 * 928 + 500));
  stave_verify_report report;
  expect(STAVE_CORRUPT, run_verify(db, &report));
  assert_int_equal(report.bad_records, 2);
  assert_int_equal(report.problems, 2);
  assert_non_null(strstr(report.first_problem, "offset 6584: "));
  assert_non_null(strstr(report.first_problem, "928 bytes"));
  assert_int_equal(report.records, 139); /* and the mark that closing wrote */
  assert_int_equal(told(db, "offset 18648: "), 1);
  close_store(db);
}

static void a_damaged_or_missing_hint_is_reported_as_harmless(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  put_many(db, 300, 900, 1);
  close_store(db);
  db = open_small(s);
  file_names hints = files_ending(s->store, ".hint");
  assert_true(hints.count >= 3);
  flip_bit(s->store, hints.name[0], 8 * 100);
  remove_file(s->store, hints.name[1]);
  stave_verify_report report;
  expect(STAVE_OK, run_verify(db, &report));
  assert_int_equal(report.bad_hints, 2);
  assert_int_equal(report.problems, 0);
  assert_string_equal(report.first_problem, "");
  expect_many(db, 300, 900, 1);
  close_store(db);
}

static void a_merge_never_carries_damage_over(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  put_many(db, 300, 900, 1);
  put_many(db, 30, 900, 2); /* so that the first file has dead records, and is merged */
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  db = open_small(s);
  size_t length = 0;
  char* first = read_whole(s->store, logs.name[0], &length);
  flip_bit(s->store, logs.name[0], 8 * (length - 500)); /* a live record near its end */
  free(first);
  stave_stats before = stats_of(db);
  expect(STAVE_CORRUPT, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_text(logs.name[0]);
  stave_stats after = stats_of(db);
  assert_int_equal(after.merges, before.merges);
  assert_int_equal(after.merges_failed, before.merges_failed + 1);
  assert_true(after.merge_last_error[0] != '\0');
  assert_int_equal(after.keys, 300);
  assert_true(file_exists(s->store, logs.name[0]));
  unsigned corrupt = 0;
  for (unsigned i = 0; i < 300; i++) {
    char key[32];
    void* own = NULL;
    snprintf(key, sizeof key, "key-%04u", i);
    int code = stave_get(db, key, strlen(key), &own, &length);
    assert_true(code == STAVE_OK || code == STAVE_CORRUPT);
    corrupt += code == STAVE_CORRUPT;
    stave_free(own);
  }
  assert_int_equal(corrupt, 1);
  put_text(db, "still", "writable");
  close_store(db);
}

static void an_iterator_reports_damage_and_never_ends_early(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  put_many(db, 300, 900, 1);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 8 * 500);
  db = open_small(s);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  unsigned seen = 0;
  unsigned corrupt = 0;
  int code;
  while ((code = stave_iter_next(it)) == STAVE_OK) {
    const void* value = NULL;
    size_t length = 0;
    int got = stave_iter_value(it, &value, &length);
    assert_true(got == STAVE_OK || got == STAVE_CORRUPT);
    corrupt += got == STAVE_CORRUPT;
    seen++;
  }
  if (code == STAVE_CORRUPT) {
    expect_text(logs.name[0]);
  } else {
    expect(STAVE_DONE, code);
    assert_int_equal(seen, 300);
    assert_int_equal(corrupt, 1);
  }
  stave_iter_destroy(it);
  close_store(db);
}

typedef struct beside {
  stave_db* db;
  int (*step)(stave_db*);
  int stop;
  int failed; /* the first code that was not STAVE_OK */
} beside;

static void* step_on(void* argument) {
  beside* b = argument;
  while (!__atomic_load_n(&b->stop, __ATOMIC_ACQUIRE) && b->failed == STAVE_OK) {
    b->failed = b->step(b->db);
  }
  return NULL;
}

static void verify_beside(stave_db* db, stave_db* stepped, int (*step)(stave_db*)) {
  beside b = {stepped, step, 0, STAVE_OK};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, step_on, &b), 0);
  stave_verify_report report;
  char text[sizeof report.first_problem] = "";
  for (unsigned i = 0; i < test_scaled(10); i++) {
    if (run_verify(db, &report) != STAVE_OK && text[0] == '\0') {
      snprintf(text, sizeof text, "%s", report.first_problem);
    }
  }
  __atomic_store_n(&b.stop, 1, __ATOMIC_RELEASE);
  pthread_join(thread, NULL);
  assert_string_equal(text, "");
  assert_int_equal(b.failed, STAVE_OK);
}

/* A rewritten key, so that every merge has something dead, and a deleted one. */
static int write_and_merge(stave_db* db) {
  char value[600];
  memset(value, 'w', sizeof value);
  for (int i = 0; i < 40; i++) {
    char key[16];
    int n = snprintf(key, sizeof key, "key-%04d", i);
    int code = i % 8 == 7 ? stave_delete(db, key, (size_t)n, 0)
                          : stave_put(db, key, (size_t)n, value, sizeof value, 0);
    if (code != STAVE_OK && code != STAVE_NOT_FOUND) return code;
  }
  return stave_merge(db, STAVE_MERGE_UNCAPPED);
}

/* Merges that ended between the reading of the files and the look at the keydir used to pass for
 * corruption: its slots lead to the new files. */
static void merges_meanwhile_are_no_corruption(void** state) {
  stave_db* db = open_small(*state);
  put_many(db, 400, 900, 1);
  verify_beside(db, db, write_and_merge);
  close_store(db);
}

static void a_refresh_meanwhile_is_no_corruption(void** state) {
  scratch* s = *state;
  stave_db* writer = open_small(s);
  put_many(writer, 400, 900, 1);
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  for (int round = 0; round < 3; round++) {
    verify_beside(reader, reader, stave_refresh);
    assert_int_equal(write_and_merge(writer), STAVE_OK);
  }
  close_store(reader);
  close_store(writer);
}

typedef struct cancelled_verify {
  stave_db* db;
  stave_verify_report report;
  int code;
  atomic_int told, closing;
} cancelled_verify;

/* Holds the verify at its first finding until the store is being closed. */
static void wait_for_close(void* user, int level, const char* message) {
  cancelled_verify* c = user;
  if (level != STAVE_LOG_ERROR || strstr(message, "verify: ") == NULL) return;
  atomic_store(&c->told, 1);
  while (atomic_load(&c->closing) == 0) usleep(100);
}

static void* verify_until_closed(void* argument) {
  cancelled_verify* c = argument;
  c->code = run_verify(c->db, &c->report);
  atomic_store(&c->told, 1);
  return NULL;
}

static void* close_meanwhile(void* db) {
  (void)stave_close(db);
  return NULL;
}

/* It reported what it had read until then. */
static void a_cancelled_one_reports_nothing(void** state) {
  scratch* s = *state;
  stave_db* db = open_small(s);
  put_many(db, 300, 900, 1);
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  cancelled_verify c = {.code = -1};
  stave_options* o = options_with("merge.policy", "never", NULL);
  expect(STAVE_OK, stave_options_set_log_callback(o, wait_for_close, &c));
  expect(STAVE_OK, stave_open(s->store, o, &c.db));
  stave_options_destroy(o);
  flip_bit(s->store, logs.name[1], 8L * (64 + 9 * 928 + 500));
  pthread_t verifying;
  pthread_t closing;
  assert_int_equal(pthread_create(&verifying, NULL, verify_until_closed, &c), 0);
  while (atomic_load(&c.told) == 0) usleep(100);
  assert_int_equal(pthread_create(&closing, NULL, close_meanwhile, c.db), 0);
  int exists = 0;
  while (stave_exists(c.db, "k", 1, &exists) != STAVE_CLOSED) usleep(100);
  atomic_store(&c.closing, 1);
  pthread_join(verifying, NULL);
  pthread_join(closing, NULL);
  assert_int_equal(c.code, STAVE_CANCELLED);
  stave_verify_report none;
  memset(&none, 0, sizeof none);
  none.size = sizeof none;
  assert_memory_equal(&c.report, &none, sizeof none);
  stave_release(c.db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_good_store_has_no_problems_at_any_stage),
      CASE(a_bad_record_is_named_with_file_and_offset),
      CASE(every_bad_place_of_a_file_is_named_and_its_hint_too),
      CASE(a_bad_record_in_a_batch_is_named_itself),
      CASE(a_damaged_or_missing_hint_is_reported_as_harmless),
      CASE(a_merge_never_carries_damage_over),
      CASE(an_iterator_reports_damage_and_never_ends_early),
      CASE(merges_meanwhile_are_no_corruption),
      CASE(a_refresh_meanwhile_is_no_corruption),
      CASE(a_cancelled_one_reports_nothing),
  };
  return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
