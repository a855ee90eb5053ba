/* Iterators and snapshots beside threads that write, delete, rotate and merge: each worker has keys
 * of its own, so it knows exactly what every moment of them holds. */
#include <pthread.h>

#include "harness.h"

enum { kWorkers = 3, kOwnKeys = 120, kSize = 80 };

typedef struct moment {
  uint32_t version[kOwnKeys]; /* 0: not there */
} moment;

typedef struct worker {
  pthread_t thread;
  stave_db* db;
  unsigned number;
  unsigned rounds;
  uint64_t random;
  uint32_t last_version;
  moment now;
  char wrong[700]; /* the first thing that was not as it should be */
} worker;

static void complain(worker* w, const char* what, long key, int code) {
  if (w->wrong[0]) return;
  snprintf(w->wrong, sizeof w->wrong, "worker %u, %s of key %ld: %s: %.500s", w->number, what, key,
           stave_status_name(code), stave_last_error());
}

static size_t make_key(unsigned number, unsigned key, char* to) {
  return (size_t)snprintf(to, 32, "w%u/%05u", number, key);
}

static void make_value(unsigned number, unsigned key, uint32_t version, char* to) {
  fill_bytes(to, kSize, (uint64_t)number << 56 | (uint64_t)key << 32 | version);
}

static void write_some(worker* w, unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    unsigned key = (unsigned)(next_random(&w->random) % kOwnKeys);
    char name[32];
    char value[kSize];
    size_t length = make_key(w->number, key, name);
    int code;
    if (next_random(&w->random) % 3 == 0) {
      code = stave_delete(w->db, name, length, 0);
      if (code == (w->now.version[key] ? STAVE_NOT_FOUND : STAVE_OK)) {
        complain(w, "delete", key, code);
      }
      w->now.version[key] = 0;
    } else {
      make_value(w->number, key, ++w->last_version, value);
      code = stave_put(w->db, name, length, value, kSize, 0);
      if (code != STAVE_OK) complain(w, "put", key, code);
      w->now.version[key] = w->last_version;
    }
  }
}

/* The iterator stands at the key, with that moment's value. */
static void check_entry(worker* w, stave_iter* it, const moment* m, unsigned key) {
  char name[32];
  char value[kSize];
  size_t length = 0;
  const void* got = stave_iter_key(it, &length);
  if (length != make_key(w->number, key, name) || memcmp(got, name, length) != 0) {
    complain(w, "another key in the place", key, STAVE_OK);
    return;
  }
  make_value(w->number, key, m->version[key], value);
  int code = stave_iter_value(it, &got, &length);
  if (code != STAVE_OK || length != kSize || memcmp(got, value, kSize) != 0) {
    complain(w, "the value", key, code);
  }
}

/* From where it stands to the next key there is, in that direction: exactly that one comes. */
static long step(worker* w, stave_iter* it, const moment* m, long at, bool up, bool reverse) {
  long expected = at;
  do expected += up ? 1 : -1;
  while (expected >= 0 && expected < kOwnKeys && m->version[expected] == 0);
  int code = up != reverse ? stave_iter_next(it) : stave_iter_prev(it);
  const bool there = expected >= 0 && expected < kOwnKeys;
  if (code != (there ? STAVE_OK : STAVE_DONE)) {
    complain(w, up ? "a step up" : "a step down", at, code);
  } else if (there) {
    check_entry(w, it, m, (unsigned)expected);
  }
  return there ? expected : up ? kOwnKeys : -1;
}

static void check_walk(worker* w, const stave_snapshot* snapshot, const moment* m) {
  const bool reverse = next_random(&w->random) % 2;
  char prefix[32];
  stave_iter_options options = {.size = sizeof options, .snapshot = snapshot};
  options.flags = reverse ? STAVE_ITER_REVERSE : 0;
  options.prefix.length = (size_t)snprintf(prefix, sizeof prefix, "w%u/", w->number);
  options.prefix.data = prefix;
  stave_iter* it = NULL;
  int code = stave_iter_open(w->db, &options, &it);
  if (code != STAVE_OK) {
    complain(w, "opening an iterator", -1, code);
    return;
  }
  if (next_random(&w->random) % 2) write_some(w, 20); /* it must not see them */
  long at = reverse ? kOwnKeys : -1;
  while (at >= 0 || !reverse) {
    at = step(w, it, m, at, !reverse, reverse);
    if (w->wrong[0] || (reverse ? at < 0 : at >= kOwnKeys)) break;
  }
  bool up = reverse;
  for (unsigned i = 0; i < 60 && !w->wrong[0]; i++) {
    if (next_random(&w->random) % 8 == 0) up = !up;
    at = step(w, it, m, at, up, reverse);
  }
  stave_iter_destroy(it);
}

static void check_gets(worker* w, const stave_snapshot* snapshot, const moment* m) {
  for (unsigned key = 0; key < kOwnKeys; key += 1 + (unsigned)(next_random(&w->random) % 7)) {
    char name[32];
    char value[kSize];
    void* own = NULL;
    size_t length = 0;
    int code = stave_snapshot_get(snapshot, name, make_key(w->number, key, name), &own, &length);
    make_value(w->number, key, m->version[key], value);
    if (code != (m->version[key] ? STAVE_OK : STAVE_NOT_FOUND)) {
      complain(w, "a snapshot's get", key, code);
    } else if (own && (length != kSize || memcmp(own, value, kSize) != 0)) {
      complain(w, "a snapshot's value", key, code);
    }
    stave_free(own);
  }
}

static void* work(void* argument) {
  worker* w = argument;
  stave_snapshot* held = NULL;
  moment then;
  for (unsigned i = 0; i < w->rounds && !w->wrong[0]; i++) {
    write_some(w, 40);
    const moment now = w->now;
    check_walk(w, NULL, &now);
    if (held) {
      check_gets(w, held, &then);
      check_walk(w, held, &then);
    }
    if (i % 5 == 0) {
      stave_snapshot_destroy(held);
      then = w->now;
      int code = stave_snapshot_create(w->db, &held);
      if (code != STAVE_OK) complain(w, "a snapshot", -1, code);
    }
  }
  stave_snapshot_destroy(held);
  return NULL;
}

typedef struct merging {
  stave_db* db;
  int stop;
  int code;
} merging;

static void* merge_on(void* argument) {
  merging* m = argument;
  while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE) && m->code == STAVE_OK) {
    m->code = stave_merge(m->db, STAVE_MERGE_UNCAPPED);
  }
  return NULL;
}

static void every_walk_sees_exactly_its_moment(void** state) {
  uint64_t seed = test_seed();
  stave_db* db = open_store(*state, "max_file_size", "64KiB", "max_file_entries", "300", NULL);
  static worker workers[kWorkers];
  memset(workers, 0, sizeof workers);
  merging m = {.db = db};
  pthread_t merger;
  assert_int_equal(pthread_create(&merger, NULL, merge_on, &m), 0);
  for (unsigned i = 0; i < kWorkers; i++) {
    worker* w = &workers[i];
    *w = (worker){.db = db, .number = i, .rounds = test_scaled(150), .random = seed + i};
    assert_int_equal(pthread_create(&w->thread, NULL, work, w), 0);
  }
  for (unsigned i = 0; i < kWorkers; i++) pthread_join(workers[i].thread, NULL);
  __atomic_store_n(&m.stop, 1, __ATOMIC_RELEASE);
  pthread_join(merger, NULL);
  for (unsigned i = 0; i < kWorkers; i++) {
    if (workers[i].wrong[0]) print_error("%s\n", workers[i].wrong);
    assert_string_equal(workers[i].wrong, "");
  }
  assert_int_equal(m.code, STAVE_OK);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_walk_sees_exactly_its_moment),
  };
  return cmocka_run_group_tests_name("iterate_threads", tests, NULL, NULL);
}
