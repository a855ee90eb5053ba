/* Random operations on a store and on a sorted array, and random walks over a range of it that must
 * stand where the array says. */
#ifndef STAVE_TESTS_CAPI_RANDOM_WALKS_H
#define STAVE_TESTS_CAPI_RANDOM_WALKS_H

#include "harness.h"

enum { kKeysMax = 600, kLetters = 8 };

typedef struct entry {
  char key[kLetters + 1];
  char value[16];
} entry;

/* What the store must hold, sorted. */
typedef struct table {
  entry entries[kKeysMax];
  size_t n;
} table;

static size_t at_or_after(const table* t, const char* key) {
  size_t i = 0;
  while (i < t->n && strcmp(t->entries[i].key, key) < 0) i++;
  return i;
}

static void table_put(table* t, const char* key, const char* value) {
  size_t i = at_or_after(t, key);
  if (i == t->n || strcmp(t->entries[i].key, key) != 0) {
    memmove(&t->entries[i + 1], &t->entries[i], (t->n - i) * sizeof t->entries[0]);
    t->n++;
  }
  strcpy(t->entries[i].key, key);
  strcpy(t->entries[i].value, value);
}

static void table_delete(table* t, const char* key) {
  size_t i = at_or_after(t, key);
  if (i == t->n || strcmp(t->entries[i].key, key) != 0) return;
  t->n--;
  memmove(&t->entries[i], &t->entries[i + 1], (t->n - i) * sizeof t->entries[0]);
}

/* Two letters: many keys begin as others do, or are others' beginnings. */
static void random_key(uint64_t* random, char* key) {
  size_t length = 1 + next_random(random) % kLetters;
  for (size_t i = 0; i < length; i++) key[i] = "ab"[next_random(random) % 2];
  key[length] = '\0';
}

static void write_random(stave_db* db, table* t, uint64_t* random, unsigned operations) {
  for (unsigned i = 0; i < operations; i++) {
    char key[kLetters + 1];
    char value[16];
    random_key(random, key);
    snprintf(value, sizeof value, "%llu", (unsigned long long)(next_random(random) % 1000000));
    if (next_random(random) % 4 == 0) {
      int code = stave_delete(db, key, strlen(key), 0);
      assert_true(code == STAVE_OK || code == STAVE_NOT_FOUND);
      table_delete(t, key);
    } else {
      put_text(db, key, value);
      table_put(t, key, value);
    }
  }
}

/* A walk and where it must stand: entries [first, last) of the table, in its direction. */
typedef struct walk {
  const table* t;
  bool reverse;
  size_t first, last;
  long at; /* -1: before all, count: behind all */
  stave_iter* it;
} walk;

static long count_of(const walk* w) { return (long)(w->last - w->first); }

static const entry* entry_at(const walk* w) {
  size_t i = (size_t)w->at;
  return &w->t->entries[w->reverse ? w->last - 1 - i : w->first + i];
}

static void check(walk* w, int code) {
  const bool there = w->at >= 0 && w->at < count_of(w);
  if (code != STAVE_OK && code != STAVE_DONE) print_error("%s\n", stave_last_error());
  assert_int_equal(code, there ? STAVE_OK : STAVE_DONE);
  size_t length = 99;
  const char* key = stave_iter_key(w->it, &length);
  if (!there) {
    assert_null(key);
    assert_int_equal(length, 0);
    return;
  }
  const entry* e = entry_at(w);
  assert_int_equal(length, strlen(e->key));
  assert_memory_equal(key, e->key, length);
  const void* value = NULL;
  expect(STAVE_OK, stave_iter_value(w->it, &value, &length));
  assert_int_equal(length, strlen(e->value));
  assert_memory_equal(value, e->value, length);
}

static void step(walk* w, bool forward) {
  if (forward && w->at < count_of(w)) w->at++;
  if (!forward && w->at >= 0) w->at--;
  check(w, forward ? stave_iter_next(w->it) : stave_iter_prev(w->it));
}

static void seek(walk* w, const char* key) {
  size_t i = at_or_after(w->t, key);
  if (w->reverse) {
    bool same = i < w->t->n && strcmp(w->t->entries[i].key, key) == 0;
    size_t below = same ? i + 1 : i; /* entries at or before the key */
    if (below > w->last) below = w->last;
    w->at = below > w->first ? (long)(w->last - below) : count_of(w);
  } else {
    if (i < w->first) i = w->first;
    w->at = i < w->last ? (long)(i - w->first) : count_of(w);
  }
  check(w, stave_iter_seek(w->it, key, strlen(key)));
}

static void go_about(walk* w, uint64_t* random, unsigned steps) {
  unsigned odds = 5; /* of ten: that a step is forward */
  for (unsigned i = 0; i < steps; i++) {
    char key[kLetters + 1];
    unsigned what = (unsigned)(next_random(random) % 100);
    if (what < 3) {
      random_key(random, key);
      seek(w, key);
    } else if (what == 3) {
      w->at = 0;
      check(w, stave_iter_seek_first(w->it));
    } else if (what == 4) {
      w->at = count_of(w) - 1;
      check(w, stave_iter_seek_last(w->it));
    } else {
      if (what < 10) odds = (unsigned)(next_random(random) % 11);
      step(w, next_random(random) % 10 < odds);
    }
  }
}

static void walk_range(stave_db* db, const table* t, uint64_t* random, const char* from,
                       const char* to, uint32_t flags) {
  stave_iter_options options = {.size = sizeof options, .flags = flags};
  options.from = (stave_slice){from, strlen(from)};
  options.to = (stave_slice){to, strlen(to)};
  walk w = {.t = t, .reverse = flags & STAVE_ITER_REVERSE, .at = -1};
  w.first = at_or_after(t, from);
  w.last = *to == '\0' ? t->n : at_or_after(t, to);
  if (w.last < w.first) w.last = w.first;
  expect(STAVE_OK, stave_iter_open(db, &options, &w.it));
  assert_null(stave_iter_key(w.it, NULL));
  step(&w, false);
  go_about(&w, random, 150);
  stave_iter_destroy(w.it);
}

#endif
