/* Updates are atomic: many threads count on the same keys, beside a thread that merges while files
 * rotate, and no step is lost, doubled or seen out of order. */
#include <pthread.h>

#include "harness.h"

enum { kThreads = 4, kCounters = 3 };

typedef struct world {
  stave_db* db;
  unsigned steps;
  uint32_t flags;
  int stop;
} world;

typedef struct worker {
  pthread_t thread;
  world* all;
  unsigned number;
  uint64_t done, taken; /* what it has added, and drawn, in all */
  char wrong[600];
} worker;

static void complain(worker* w, const char* what, int code) {
  if (w->wrong[0]) return;
  snprintf(w->wrong, sizeof w->wrong, "worker %u: %s: %s: %.400s", w->number, what,
           stave_status_name(code), stave_last_error());
}

/* Its own sums of a counter must rise: nobody takes anything away. */
static void count_by_increment(worker* w, unsigned counter, int64_t* last) {
  char key[16];
  size_t n = (size_t)snprintf(key, sizeof key, "i%u", counter);
  int64_t sum = 0;
  int code = stave_increment(w->all->db, key, n, 1, w->all->flags, &sum);
  if (code != STAVE_OK) complain(w, "increment", code);
  if (sum <= *last) complain(w, "a sum that others had", code);
  *last = sum;
}

/* Read, and set if it is still so, by value or by version. */
static void count_by_set(worker* w, unsigned counter) {
  char key[16];
  size_t n = (size_t)snprintf(key, sizeof key, "s%u", counter);
  int code = STAVE_CONFLICT;
  while (code == STAVE_CONFLICT || code == STAVE_NOT_FOUND) {
    char next[32];
    stave_entry e = {.size = sizeof e};
    void* own = NULL;
    size_t length = 0;
    code = stave_get_entry(w->all->db, key, n, &e, &own, &length);
    if (code != STAVE_OK && code != STAVE_NOT_FOUND) break;
    char text[32] = "0";
    if (own != NULL) memcpy(text, own, length);
    text[own != NULL ? length : 1] = '\0';
    size_t m = (size_t)snprintf(next, sizeof next, "%llu", strtoull(text, NULL, 10) + 1);
    if (own == NULL) {
      code = stave_put_if_absent(w->all->db, key, n, next, m, w->all->flags);
    } else if (w->number % 2) {
      code = stave_compare_and_set(w->all->db, key, n, own, length, next, m, w->all->flags);
    } else {
      code = stave_put_if_version(w->all->db, key, n, e.version, next, m, w->all->flags, NULL);
    }
    stave_free(own);
  }
  if (code != STAVE_OK) complain(w, "set", code);
}

/* A token goes from hand to hand: what is taken out was put in by exactly one. */
static void swap_token(worker* w, unsigned step) {
  char token[32];
  size_t m = (size_t)snprintf(token, sizeof token, "%u", 1 + (w->number + step) % 97);
  void* old = NULL;
  size_t length = 0;
  char text[32] = "";
  int code = step % 3 == 0 ? stave_get_and_delete(w->all->db, "token", 5, 0, &old, &length)
                           : stave_get_and_set(w->all->db, "token", 5, token, m, 0, &old, &length);
  if (code != STAVE_OK && (code != STAVE_NOT_FOUND || step % 3 != 0)) complain(w, "swap", code);
  if (step % 3 != 0) w->done += strtoull(token, NULL, 10);
  if (old != NULL) memcpy(text, old, length);
  w->taken += strtoull(text, NULL, 10);
  stave_free(old);
}

/* Moves 1 from one account to another: a batch with conditions on both. */
static void transfer(worker* w, unsigned step) {
  int code = STAVE_CONFLICT;
  while (code == STAVE_CONFLICT) {
    stave_batch* batch = NULL;
    code = stave_batch_create(&batch);
    for (int side = 0; side < 2 && code == STAVE_OK; side++) {
      char key[16];
      char text[32] = "";
      char next[32];
      size_t n = (size_t)snprintf(key, sizeof key, "a%u", (step + (unsigned)side) % kCounters);
      void* own = NULL;
      size_t length = 0;
      code = stave_get(w->all->db, key, n, &own, &length);
      if (code != STAVE_OK) break;
      memcpy(text, own, length);
      size_t m =
          (size_t)snprintf(next, sizeof next, "%lld", strtoll(text, NULL, 10) + (side ? 1 : -1));
      code = stave_batch_require_value(batch, key, n, own, length);
      if (code == STAVE_OK) code = stave_batch_put(batch, key, n, next, m);
      stave_free(own);
    }
    if (code == STAVE_OK) code = stave_write(w->all->db, batch, w->all->flags);
    stave_batch_destroy(batch);
  }
  if (code != STAVE_OK) complain(w, "transfer", code);
}

static void* work(void* argument) {
  worker* w = argument;
  int64_t last[kCounters] = {0};
  for (unsigned step = 0; step < w->all->steps && w->wrong[0] == '\0'; step++) {
    const unsigned counter = (step + w->number) % kCounters;
    count_by_increment(w, counter, &last[counter]);
    count_by_set(w, counter);
    swap_token(w, step);
    transfer(w, step);
    int code = stave_append(w->all->db, "log", 3, "x", step % 16 == 0, w->all->flags, NULL);
    if (code != STAVE_OK) complain(w, "append", code);
  }
  return NULL;
}

static void* merge_all_the_time(void* argument) {
  worker* w = argument;
  while (__atomic_load_n(&w->all->stop, __ATOMIC_ACQUIRE) == 0) {
    int code = stave_merge(w->all->db, STAVE_MERGE_UNCAPPED);
    if (code != STAVE_OK) complain(w, "merge", code);
  }
  return NULL;
}

static int64_t number_at(stave_db* db, char kind, unsigned i) {
  char key[16];
  size_t n = (size_t)snprintf(key, sizeof key, "%c%u", kind, i);
  void* own = NULL;
  size_t length = 0;
  char text[32] = "";
  expect(STAVE_OK, stave_get(db, key, n, &own, &length));
  memcpy(text, own, length);
  stave_free(own);
  return strtoll(text, NULL, 10);
}

static void check_all(stave_db* db, unsigned steps, const worker* workers) {
  int64_t by_increment = 0;
  int64_t by_set = 0;
  int64_t accounts = 0;
  for (unsigned i = 0; i < kCounters; i++) {
    by_increment += number_at(db, 'i', i);
    by_set += number_at(db, 's', i);
    accounts += number_at(db, 'a', i);
  }
  assert_int_equal(by_increment, (int64_t)steps * kThreads);
  assert_int_equal(by_set, (int64_t)steps * kThreads);
  assert_int_equal(accounts, 0);
  uint64_t in = 0;
  uint64_t out = 0;
  for (unsigned i = 0; i < kThreads; i++) {
    in += workers[i].done;
    out += workers[i].taken;
  }
  void* own = NULL;
  size_t length = 0;
  char text[32] = "";
  if (stave_get(db, "token", 5, &own, &length) == STAVE_OK) memcpy(text, own, length);
  stave_free(own);
  assert_int_equal(in, out + strtoull(text, NULL, 10));
  own = NULL;
  expect(STAVE_OK, stave_get(db, "log", 3, &own, &length));
  assert_int_equal(length, (steps + 15) / 16 * kThreads);
  stave_free(own);
}

static void run_with(const scratch* s, const char* sync, uint32_t flags, unsigned steps) {
  stave_db* db =
      open_store(s, "max_file_size", "16KiB", "sync", sync, "merge.check_interval", "10ms", NULL);
  for (char key[] = "a0"; key[1] < '0' + kCounters; key[1]++) put_text(db, key, "0");
  world all = {.db = db, .steps = test_scaled(steps), .flags = flags};
  worker workers[kThreads + 1];
  memset(workers, 0, sizeof workers);
  for (unsigned i = 0; i <= kThreads; i++) {
    workers[i].all = &all;
    workers[i].number = i;
    void* (*body)(void*) = i < kThreads ? work : merge_all_the_time;
    assert_int_equal(pthread_create(&workers[i].thread, NULL, body, &workers[i]), 0);
  }
  for (unsigned i = 0; i < kThreads; i++) pthread_join(workers[i].thread, NULL);
  __atomic_store_n(&all.stop, 1, __ATOMIC_RELEASE);
  pthread_join(workers[kThreads].thread, NULL);
  for (unsigned i = 0; i <= kThreads; i++) {
    if (workers[i].wrong[0]) print_error("%s\n", workers[i].wrong);
    assert_int_equal(workers[i].wrong[0], '\0');
  }
  check_all(db, all.steps, workers);
  close_store(db);
  db = open_store(s, NULL);
  check_all(db, all.steps, workers);
  close_store(db);
}

static void no_step_is_lost_beside_rotation_and_merges(void** state) {
  run_with(*state, "none", 0, 3000);
}

static void no_step_is_lost_where_each_is_synced(void** state) {
  run_with(*state, "always", 0, 60);
}

static void no_step_is_lost_where_some_are_synced(void** state) {
  run_with(*state, "interval:1ms", STAVE_WRITE_SYNC, 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(no_step_is_lost_beside_rotation_and_merges),
      CASE(no_step_is_lost_where_each_is_synced),
      CASE(no_step_is_lost_where_some_are_synced),
  };
  return cmocka_run_group_tests_name("update_threads", tests, NULL, NULL);
}
