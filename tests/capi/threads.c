/* Many threads at once, each with keys of its own that it checks exactly after every step,
 * beside threads that merge, iterate, list and sync. */
#include <pthread.h>
#include <unistd.h>

#include "harness.h"

enum { kWorkers = 4, kOwnKeys = 200, kSizeMax = 600 };

typedef struct shared {
  stave_db* db;
  int stop;
  unsigned steps;
} shared;

typedef struct worker {
  pthread_t thread;
  shared* all;
  unsigned number;
  uint64_t random;
  uint32_t version[kOwnKeys]; /* 0: not there */
  uint32_t last_version;
  char wrong[700]; /* the first thing that was not as it should be */
} worker;

static size_t make_key(unsigned number, unsigned key, char* to) {
  return (size_t)snprintf(to, 32, "w%u/%05u", number, key);
}

static size_t make_value(unsigned number, unsigned key, uint32_t version, char* to) {
  size_t size = (version * 37u + key) % kSizeMax;
  fill_bytes(to, size, (uint64_t)number << 56 | (uint64_t)key << 32 | version);
  return size;
}

static void complain(worker* w, const char* what, unsigned key, int code) {
  if (w->wrong[0]) return;
  snprintf(w->wrong, sizeof w->wrong, "worker %u, %s of key %u: %s: %.500s", w->number, what, key,
           stave_status_name(code), stave_last_error());
}

static void check_key(worker* w, unsigned key) {
  char name[32];
  char value[kSizeMax];
  char buffer[kSizeMax / 2];
  size_t length = 0;
  void* spill = NULL;
  size_t n = make_key(w->number, key, name);
  int code = stave_get_into(w->all->db, name, n, buffer, sizeof buffer, &length, &spill);
  if (w->version[key] == 0) {
    if (code != STAVE_NOT_FOUND) complain(w, "get (expected nothing)", key, code);
  } else if (code != STAVE_OK) {
    complain(w, "get", key, code);
  } else {
    size_t size = make_value(w->number, key, w->version[key], value);
    const void* got = spill ? spill : buffer;
    if (length != size || memcmp(got, value, size) != 0) complain(w, "value", key, code);
  }
  stave_free(spill);
}

static void put_key(worker* w, unsigned key) {
  char name[32];
  char value[kSizeMax];
  size_t n = make_key(w->number, key, name);
  size_t size = make_value(w->number, key, ++w->last_version, value);
  int code = stave_put(w->all->db, name, n, value, size, 0);
  if (code != STAVE_OK) complain(w, "put", key, code);
  w->version[key] = w->last_version;
}

static void delete_key(worker* w, unsigned key) {
  char name[32];
  size_t n = make_key(w->number, key, name);
  int code = stave_delete(w->all->db, name, n, 0);
  if (code != (w->version[key] ? STAVE_OK : STAVE_NOT_FOUND)) complain(w, "delete", key, code);
  w->version[key] = 0;
}

static void write_batch(worker* w) {
  stave_batch* batch = NULL;
  int code = stave_batch_create(&batch);
  for (int i = 0; i < 8 && code == STAVE_OK; i++) {
    unsigned key = (unsigned)(next_random(&w->random) % kOwnKeys);
    char name[32];
    char value[kSizeMax];
    size_t n = make_key(w->number, key, name);
    if (next_random(&w->random) % 3 == 0) {
      code = stave_batch_delete(batch, name, n);
      w->version[key] = 0;
    } else {
      size_t size = make_value(w->number, key, ++w->last_version, value);
      code = stave_batch_put(batch, name, n, value, size);
      w->version[key] = w->last_version;
    }
  }
  if (code == STAVE_OK) code = stave_write(w->all->db, batch, 0);
  if (code != STAVE_OK) complain(w, "batch", 0, code);
  stave_batch_destroy(batch);
}

static void* work(void* argument) {
  worker* w = argument;
  for (unsigned step = 0; step < w->all->steps && w->wrong[0] == '\0'; step++) {
    unsigned key = (unsigned)(next_random(&w->random) % kOwnKeys);
    unsigned what = (unsigned)(next_random(&w->random) % 10);
    if (what < 5) put_key(w, key);
    if (what == 5 || what == 6) delete_key(w, key);
    if (what == 7) write_batch(w);
    check_key(w, key);
    check_key(w, (unsigned)(next_random(&w->random) % kOwnKeys));
  }
  return NULL;
}

static bool stopped(shared* all) { return __atomic_load_n(&all->stop, __ATOMIC_ACQUIRE) != 0; }

static void* merge_all_the_time(void* argument) {
  worker* w = argument;
  while (!stopped(w->all)) {
    int code = stave_merge(w->all->db, STAVE_MERGE_UNCAPPED);
    if (code != STAVE_OK) complain(w, "merge", 0, code);
  }
  return NULL;
}

/* Order, and no key twice; the values are checked to be readable. */
static void* iterate_all_the_time(void* argument) {
  worker* w = argument;
  while (!stopped(w->all) && w->wrong[0] == '\0') {
    stave_iter* it = NULL;
    int code = stave_iter_create(w->all->db, "w", 1, &it);
    char last[32] = "";
    while (code == STAVE_OK && (code = stave_iter_next(it)) == STAVE_OK) {
      size_t length = 0;
      char key[32] = "";
      const void* lent = stave_iter_key(it, &length);
      if (length < sizeof key) memcpy(key, lent, length);
      if (strcmp(last, key) >= 0) complain(w, "order", 0, code);
      memcpy(last, key, sizeof key);
      const void* value = NULL;
      code = stave_iter_value(it, &value, &length);
    }
    if (code != STAVE_DONE) complain(w, "iteration", 0, code);
    stave_iter_destroy(it);
  }
  return NULL;
}

static void* report_all_the_time(void* argument) {
  worker* w = argument;
  while (!stopped(w->all)) {
    stave_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.size = sizeof stats;
    stave_files* files = NULL;
    int code = stave_get_stats(w->all->db, &stats);
    if (code == STAVE_OK) code = stave_files_create(w->all->db, &files);
    stave_files_destroy(files);
    if (code == STAVE_OK) code = stave_sync(w->all->db);
    if (code != STAVE_OK) complain(w, "report", 0, code);
  }
  return NULL;
}

static void expect_no_complaint(const worker* w, int n) {
  for (int i = 0; i < n; i++) {
    if (w[i].wrong[0]) print_error("%s\n", w[i].wrong);
    assert_int_equal(w[i].wrong[0], '\0');
  }
}

static void run(const scratch* s, const char* sync, unsigned steps) {
  static worker workers[kWorkers + 3];
  static void* (*const others[3])(void*) = {merge_all_the_time, iterate_all_the_time,
                                            report_all_the_time};
  memset(workers, 0, sizeof workers);
  stave_db* db = open_store(s, "max_file_size", "64KiB", "sync", sync, NULL);
  shared all = {db, 0, test_scaled(steps)};
  uint64_t random = test_seed();
  for (unsigned i = 0; i < kWorkers + 3; i++) {
    workers[i].all = &all;
    workers[i].number = i;
    workers[i].random = next_random(&random);
    void* (*body)(void*) = i < kWorkers ? work : others[i - kWorkers];
    assert_int_equal(pthread_create(&workers[i].thread, NULL, body, &workers[i]), 0);
  }
  for (int i = 0; i < kWorkers; i++) pthread_join(workers[i].thread, NULL);
  __atomic_store_n(&all.stop, 1, __ATOMIC_RELEASE);
  for (int i = kWorkers; i < kWorkers + 3; i++) pthread_join(workers[i].thread, NULL);
  expect_no_complaint(workers, kWorkers + 3);

  uint64_t keys = 0;
  for (int round = 0; round < 3; round++) {
    keys = 0;
    for (unsigned i = 0; i < kWorkers; i++) {
      workers[i].all = &all;
      for (unsigned key = 0; key < kOwnKeys; key++) {
        check_key(&workers[i], key);
        keys += workers[i].version[key] != 0;
      }
    }
    expect_no_complaint(workers, kWorkers);
    assert_int_equal(stats_of(all.db).keys, keys);
    assert_int_equal(count_keys(all.db), keys);
    if (round == 0) close_store(all.db);
    if (round == 1) stave_release(all.db);
    if (round < 2) all.db = open_store(s, NULL);
  }
  close_store(all.db);
}

static void without_sync(void** state) { run(*state, "none", 6000); }
static void with_an_interval(void** state) { run(*state, "interval:5ms", 6000); }
static void with_every_write_synced(void** state) { run(*state, "always", 500); }

typedef struct closer {
  pthread_t thread;
  stave_db* db;
  int result;
  unsigned number;
} closer;

static void* put_until_closed(void* argument) {
  closer* c = argument;
  unsigned i = 0;
  do {
    i++;
    c->result = stave_put(c->db, &c->number, sizeof c->number, &i, sizeof i, 0);
  } while (c->result == STAVE_OK);
  return NULL;
}

static void* close_once(void* argument) {
  closer* c = argument;
  c->result = stave_close(c->db);
  return NULL;
}

static void close_waits_for_calls_in_flight_and_may_come_twice_at_once(void** state) {
  for (unsigned round = 0; round < test_scaled(20); round++) {
    stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
    closer all[6];
    for (unsigned i = 0; i < 6; i++) {
      all[i] = (closer){.db = db, .number = i};
      if (i == 4) usleep(2000);
      void* (*body)(void*) = i < 4 ? put_until_closed : close_once;
      assert_int_equal(pthread_create(&all[i].thread, NULL, body, &all[i]), 0);
    }
    for (int i = 0; i < 6; i++) pthread_join(all[i].thread, NULL);
    for (int i = 0; i < 6; i++) {
      if (i >= 4) assert_int_equal(all[i].result, STAVE_OK);
      /* Cancelled: it was waiting for a new file when the store was closed. */
      if (i < 4) assert_true(all[i].result == STAVE_CLOSED || all[i].result == STAVE_CANCELLED);
    }
    stave_release(db);
  }
}

enum { kToDelete = 3000, kDeleters = 3 };

typedef struct deleter {
  stave_db* db;
  unsigned gone; /* keys that this one was told to have deleted */
  int failed;
} deleter;

static void* delete_all(void* argument) {
  deleter* d = argument;
  for (unsigned key = 0; key < kToDelete && d->failed == STAVE_OK; key++) {
    int code = stave_delete(d->db, &key, sizeof key, 0);
    if (code == STAVE_OK) d->gone++;
    if (code != STAVE_OK && code != STAVE_NOT_FOUND) d->failed = code;
  }
  return NULL;
}

/* A delete that waited for the next file did not look again whether its key was still there. */
static void each_key_is_deleted_by_one_thread_only(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, "max_file_entries", "16", "merge.policy", "never", NULL);
  for (unsigned key = 0; key < kToDelete; key++) {
    expect(STAVE_OK, stave_put(db, &key, sizeof key, "v", 1, 0));
  }
  deleter deleters[kDeleters];
  pthread_t threads[kDeleters];
  for (int i = 0; i < kDeleters; i++) {
    deleters[i] = (deleter){db, 0, STAVE_OK};
    assert_int_equal(pthread_create(&threads[i], NULL, delete_all, &deleters[i]), 0);
  }
  unsigned gone = 0;
  for (int i = 0; i < kDeleters; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(deleters[i].failed, STAVE_OK);
    gone += deleters[i].gone;
  }
  assert_int_equal(gone, kToDelete);
  assert_int_equal(stats_of(db).keys, 0);
  close_store(db);
}

typedef struct overwriter {
  stave_db* db;
  int stop;
  int code;
} overwriter;

static void* overwrite(void* argument) {
  overwriter* o = argument;
  char value[500] = {0};
  for (unsigned i = 0; i < 100000000 && o->code == STAVE_OK; i++) {
    if (__atomic_load_n(&o->stop, __ATOMIC_RELAXED)) break;
    const unsigned key = i % 1000;
    o->code = stave_put(o->db, &key, sizeof key, value, sizeof value, 0);
  }
  return NULL;
}

/* It waited for the sealer to have nothing to do. Without an answer it runs into the time limit. */
static void a_merge_returns_beside_a_writer_that_never_rests(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "256KiB", "merge.policy", "never", NULL);
  overwriter o = {db, 0, STAVE_OK};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, overwrite, &o), 0);
  for (int i = 0; i < 5; i++) expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  __atomic_store_n(&o.stop, 1, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
  assert_int_equal(o.code, STAVE_OK);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(without_sync),
      CASE(each_key_is_deleted_by_one_thread_only),
      CASE(a_merge_returns_beside_a_writer_that_never_rests),
      CASE(with_an_interval),
      CASE(with_every_write_synced),
      CASE(close_waits_for_calls_in_flight_and_may_come_twice_at_once),
  };
  return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
