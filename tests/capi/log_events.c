/* Log events: a bounded queue to poll, and a callback on top. */
#include "harness.h"

static int next_event(stave_db* db, stave_log_event* event) {
  memset(event, 0, sizeof *event);
  event->size = sizeof *event;
  return stave_next_log_event(db, event);
}

/* A store whose verify reports a problem, and with it an event, each time. */
static stave_db* open_damaged(const scratch* s, stave_options* o) {
  stave_db* db = open_store(s, NULL);
  put_many(db, 20, 100, 1);
  put_many(db, 10, 100, 2);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED)); /* seals */
  close_store(db);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], 64 * 8 + 200);
  expect(STAVE_OK, stave_open(s->store, o, &db));
  return db;
}

static void verify_once(stave_db* db) {
  stave_verify_report report;
  memset(&report, 0, sizeof report);
  report.size = sizeof report;
  expect(STAVE_CORRUPT, stave_verify(db, &report));
}

static void the_queue_runs_empty(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  stave_log_event event;
  int events = 0;
  int code;
  while ((code = next_event(db, &event)) == STAVE_OK) {
    assert_true(event.message[0] != '\0');
    assert_true(event.level >= STAVE_LOG_DEBUG && event.level <= STAVE_LOG_ERROR);
    assert_true(event.time_ms > 1600000000000ULL);
    assert_true(++events <= 256);
  }
  expect(STAVE_NOT_FOUND, code);
  memset(&event, 0x5a, sizeof event);
  event.size = sizeof event;
  expect(STAVE_NOT_FOUND, stave_next_log_event(db, &event));
  assert_int_equal(event.message[0], '\0');
  close_store(db);
}

static void a_problem_found_by_verify_is_an_event(void** state) {
  stave_options* o = options_with(NULL);
  stave_db* db = open_damaged(*state, o);
  stave_options_destroy(o);
  stave_log_event event;
  while (next_event(db, &event) == STAVE_OK) continue;
  verify_once(db);
  bool found = false;
  while (next_event(db, &event) == STAVE_OK) {
    found |= strstr(event.message, ".log") != NULL && event.level >= STAVE_LOG_WARN;
  }
  assert_true(found);
  close_store(db);
}

static void a_full_queue_counts_what_it_loses(void** state) {
  stave_options* o = options_with(NULL);
  stave_db* db = open_damaged(*state, o);
  stave_options_destroy(o);
  for (int i = 0; i < 400; i++) verify_once(db);
  stave_log_event event;
  uint64_t dropped = 0;
  unsigned kept = 0;
  while (next_event(db, &event) == STAVE_OK) {
    kept++;
    dropped = event.dropped;
  }
  assert_int_equal(kept, 256);
  assert_true(dropped >= 400 - 256);
  close_store(db);
}

typedef struct heard {
  unsigned events;
  unsigned problems;
  bool wrong;
} heard;

static void hear(void* user, int level, const char* message) {
  heard* h = user;
  __atomic_add_fetch(&h->events, 1, __ATOMIC_RELAXED);
  if (message == NULL || level < STAVE_LOG_DEBUG || level > STAVE_LOG_ERROR) h->wrong = true;
  if (message && level >= STAVE_LOG_WARN && strstr(message, ".log")) {
    __atomic_add_fetch(&h->problems, 1, __ATOMIC_RELAXED);
  }
}

static void the_callback_hears_every_event_beside_the_queue(void** state) {
  heard h = {0, 0, false};
  stave_options* o = options_with(NULL);
  expect(STAVE_OK, stave_options_set_log_callback(o, hear, &h));
  stave_db* db = open_damaged(*state, o);
  stave_options_destroy(o);
  verify_once(db);
  unsigned queued = 0;
  stave_log_event event;
  while (next_event(db, &event) == STAVE_OK) queued++;
  assert_true(queued >= 1);
  close_store(db);
  assert_true(h.problems >= 1);
  assert_true(h.events >= queued);
  assert_false(h.wrong);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(the_queue_runs_empty),
      CASE(a_problem_found_by_verify_is_an_event),
      CASE(a_full_queue_counts_what_it_loses),
      CASE(the_callback_hears_every_event_beside_the_queue),
  };
  return cmocka_run_group_tests_name("log_events", tests, NULL, NULL);
}
