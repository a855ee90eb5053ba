/* A handle does not survive fork(): the child is told so, and the parent is unharmed. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

typedef struct handles {
  stave_db* db;
  stave_iter* it;
  stave_feed* feed;
  const char* store;
  stave_batch* batch;
  stave_options* options;
} handles;

static int child_uses_the_store(void* argument) {
  handles* h = argument;
  const char* wrong = first_call_not_returning(STAVE_FORKED, h->db);
  if (wrong != NULL) {
    fprintf(stderr, "in the child: %s\n", wrong);
    return 1;
  }
  if (stave_close(h->db) != STAVE_FORKED) return 2;
  stave_release(h->db);
  return 0;
}

static int child_uses_the_iterator(void* argument) {
  handles* h = argument;
  const void* value = h;
  size_t length = 99;
  if (stave_iter_next(h->it) != STAVE_FORKED) return 1;
  if (stave_iter_prev(h->it) != STAVE_FORKED) return 4;
  if (stave_iter_seek(h->it, "k", 1) != STAVE_FORKED) return 5;
  if (stave_iter_seek_first(h->it) != STAVE_FORKED) return 6;
  if (stave_iter_seek_last(h->it) != STAVE_FORKED) return 7;
  stave_item item;
  void* spill = h;
  size_t count = 99;
  if (stave_iter_next_batch(h->it, &item, 1, NULL, 0, &count, &spill) != STAVE_FORKED) return 8;
  if (count != 0 || spill != NULL) return 9;
  if (stave_iter_key(h->it, NULL) != NULL || stave_iter_version(h->it) != 0) return 10;
  if (stave_iter_expires_at(h->it) != 0) return 11;
  if (stave_iter_value(h->it, &value, &length) != STAVE_FORKED) return 2;
  if (value != NULL || length != 0) return 3;
  stave_iter_destroy(h->it);
  return 0;
}

static int child_uses_the_feed(void* argument) {
  handles* h = argument;
  stave_change change;
  memset(&change, 0x5a, sizeof change);
  change.size = sizeof change;
  if (stave_feed_next(h->feed, -1, &change) != STAVE_FORKED) return 1; /* does not wait */
  if (change.seq != 0 || change.key != NULL || change.value_length != 0) return 2;
  stave_feed_destroy(h->feed);
  return 0;
}

static int child_opens_for_writing(void* argument) {
  handles* h = argument;
  stave_db* db = NULL;
  int code = stave_open(h->store, NULL, &db);
  return code == STAVE_BUSY || code == STAVE_FORKED ? 0 : 1;
}

static int child_opens_another_store(void* argument) {
  handles* h = argument;
  char other[512];
  snprintf(other, sizeof other, "%s-other", h->store);
  stave_db* db = NULL;
  if (stave_open(other, NULL, &db) != STAVE_OK) return 1;
  if (stave_put(db, "k", 1, "v", 1, 0) != STAVE_OK) return 2;
  if (stave_close(db) != STAVE_OK) return 3;
  stave_release(db);
  return 0;
}

static int child_uses_plain_memory(void* argument) {
  handles* h = argument;
  char other[512];
  snprintf(other, sizeof other, "%s-other", h->store);
  stave_db* db = NULL;
  if (stave_batch_put(h->batch, "b", 1, "2", 1) != STAVE_OK) return 1;
  if (stave_open(other, h->options, &db) != STAVE_OK) return 2;
  if (stave_write(db, h->batch, 0) != STAVE_OK) return 3;
  if (stave_close(db) != STAVE_OK) return 4;
  stave_release(db);
  stave_batch_destroy(h->batch);
  stave_options_destroy(h->options);
  return 0;
}

static void expect_unharmed(const scratch* s, stave_db* db) {
  for (unsigned round = 2; round < 5; round++) {
    put_many(db, 100, 900, round);
    expect_many(db, 100, 900, round);
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  }
  stave_db* second = NULL;
  expect(STAVE_BUSY, open_at(s->store, &second, NULL));
  close_store(db);
  db = open_store(s, NULL);
  assert_int_equal(stats_of(db).opened_clean, 1);
  expect_many(db, 100, 900, 4);
  close_store(db);
}

static void run_in_child_of_open_store(const scratch* s, int (*body)(void*),
                                       const char* read_only) {
  stave_db* db = open_store(s, "max_file_size", "64KiB", NULL);
  put_many(db, 100, 900, 1);
  stave_db* reader = NULL;
  if (strcmp(read_only, "true") == 0) reader = open_store(s, "read_only", "true", NULL);
  stave_iter* it = NULL;
  stave_db* used = reader ? reader : db;
  expect(STAVE_OK, stave_iter_create(used, NULL, 0, &it));
  expect(STAVE_OK, stave_iter_next(it));
  stave_feed* feed = NULL;
  expect(STAVE_OK, stave_feed_open(used, 0, &feed));
  handles h = {.db = used, .it = it, .feed = feed, .store = s->store};
  for (int i = 0; i < 3; i++) assert_int_equal(in_child(body, &h), 0);
  unsigned n = 1;
  while (stave_iter_next(it) == STAVE_OK) n++;
  assert_int_equal(n, 100);
  stave_iter_destroy(it);
  stave_change change = {.size = sizeof change};
  for (n = 0; stave_feed_next(feed, 0, &change) == STAVE_OK;) n++;
  assert_int_equal(n, 100);
  stave_feed_destroy(feed);
  if (reader) close_store(reader);
  expect_unharmed(s, db);
}

static void every_call_in_the_child_returns_forked(void** state) {
  run_in_child_of_open_store(*state, child_uses_the_store, "false");
}

static void a_read_only_store_is_the_parents_too(void** state) {
  run_in_child_of_open_store(*state, child_uses_the_store, "true");
}

static void an_iterator_in_the_child_returns_forked(void** state) {
  run_in_child_of_open_store(*state, child_uses_the_iterator, "false");
}

static void a_feed_in_the_child_returns_forked(void** state) {
  run_in_child_of_open_store(*state, child_uses_the_feed, "false");
}

static void a_feed_of_a_read_only_store_too(void** state) {
  run_in_child_of_open_store(*state, child_uses_the_feed, "true");
}

static void the_child_cannot_open_the_parents_store_for_writing(void** state) {
  run_in_child_of_open_store(*state, child_opens_for_writing, "false");
}

static void the_child_may_open_a_store_of_its_own(void** state) {
  run_in_child_of_open_store(*state, child_opens_another_store, "false");
}

static void batches_and_options_are_plain_memory(void** state) {
  scratch* s = *state;
  handles h = {.store = s->store, .options = options_with(NULL)};
  expect(STAVE_OK, stave_batch_create(&h.batch));
  expect(STAVE_OK, stave_batch_put(h.batch, "a", 1, "1", 1));
  assert_int_equal(in_child(child_uses_plain_memory, &h), 0);
  assert_int_equal(stave_batch_count(h.batch), 1); /* the child has its own */
  stave_batch_destroy(h.batch);
  stave_options_destroy(h.options);
}

static void a_child_that_outlives_close_does_not_hold_the_lock(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "k", "v");
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    pause();
    _exit(0);
  }
  close_store(db);
  stave_db* again = NULL;
  int code = open_at(s->store, &again, NULL);
  char text[512];
  snprintf(text, sizeof text, "%s", stave_last_error());
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  if (code != STAVE_OK) print_error("%s\n", text);
  assert_int_equal(code, STAVE_OK);
  expect_holds(again, "k", "v");
  close_store(again);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_call_in_the_child_returns_forked),
      CASE(a_read_only_store_is_the_parents_too),
      CASE(an_iterator_in_the_child_returns_forked),
      CASE(a_feed_in_the_child_returns_forked),
      CASE(a_feed_of_a_read_only_store_too),
      CASE(the_child_cannot_open_the_parents_store_for_writing),
      CASE(the_child_may_open_a_store_of_its_own),
      CASE(batches_and_options_are_plain_memory),
      CASE(a_child_that_outlives_close_does_not_hold_the_lock),
  };
  return cmocka_run_group_tests_name("forked", tests, NULL, NULL);
}
