/* One kind of operation, many times over, for callgrind to count (check.py).
 *
 *   instruction_ops DIR KIND COUNT       COUNT: a multiple of 32
 *   KIND: put_new overwrite get get_into miss delete; multi_get put_many (32 keys a call);
 *   slower_get_into, which is ten instructions longer, for the check of the check
 *
 * Only what counted_* call is counted (--toggle-collect): opening, filling and closing are not.
 * No background threads: what they do, and when, would differ from run to run.
 */
#include <stave/stave.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names for --toggle-collect: they must remain functions. */
#define COUNTED __attribute__((noinline, noclone))
enum { kPrefilled = 50000, kValueBytes = 100, kMany = 32 };

typedef struct key {
  uint64_t number, rest;
} key;

static void check(int code, int expected, const char* what) {
  if (code == expected) return;
  fprintf(stderr, "instruction_ops: %s: %s: %s\n", what, stave_status_name(code),
          stave_last_error());
  exit(2);
}

/* Neighbouring numbers must not be neighbours anywhere. */
static key make_key(uint64_t i) { return (key){i * 0x9e3779b97f4a7c15u, i}; }

static char value[kValueBytes];

COUNTED void counted_put(stave_db* db, const key* k) {
  check(stave_put(db, k, sizeof *k, value, sizeof value, 0), STAVE_OK, "put");
}

/* With the free: who gets so has to. */
COUNTED void counted_get(stave_db* db, const key* k) {
  void* own;
  size_t length;
  check(stave_get(db, k, sizeof *k, &own, &length), STAVE_OK, "get");
  stave_free(own);
}

static inline void get_into(stave_db* db, const key* k, int expected) {
  char buffer[kValueBytes];
  size_t length;
  void* spill;
  check(stave_get_into(db, k, sizeof *k, buffer, sizeof buffer, &length, &spill), expected, "get");
}

COUNTED void counted_get_into(stave_db* db, const key* k, int expected) {
  get_into(db, k, expected);
}

COUNTED void counted_slower_get_into(stave_db* db, const key* k, int expected) {
  get_into(db, k, expected);
  __asm__ volatile("nop; nop; nop; nop; nop; nop; nop; nop; nop; nop");
}

COUNTED void counted_delete(stave_db* db, const key* k) {
  check(stave_delete(db, k, sizeof *k, 0), STAVE_OK, "delete");
}

COUNTED void counted_multi_get(stave_db* db, const stave_slice* keys) {
  char buffer[kMany * kValueBytes];
  stave_value values[kMany];
  void* spill;
  check(stave_multi_get(db, keys, kMany, buffer, sizeof buffer, values, &spill), STAVE_OK, "get");
}

COUNTED void counted_put_many(stave_db* db, const stave_slice* keys, const stave_slice* values) {
  check(stave_put_many(db, keys, values, kMany, 0, NULL), STAVE_OK, "put");
}

/* In one write: the housekeeping at the end of each is not told from that of counted ones. */
static void fill(stave_db* db) {
  stave_batch* batch = NULL;
  check(stave_batch_create(&batch), STAVE_OK, "batch");
  for (uint64_t i = 0; i < kPrefilled; i++) {
    key k = make_key(i);
    check(stave_batch_put(batch, &k, sizeof k, value, sizeof value), STAVE_OK, "batch");
  }
  check(stave_write(db, batch, 0), STAVE_OK, "fill");
  stave_batch_destroy(batch);
}

static void run_many(stave_db* db, const char* kind, uint64_t count) {
  key numbers[kMany];
  stave_slice keys[kMany];
  stave_slice values[kMany];
  for (uint64_t i = 0; i < count; i += kMany) {
    for (uint64_t j = 0; j < kMany; j++) {
      numbers[j] = make_key((i + j) * 7 % kPrefilled);
      keys[j] = (stave_slice){&numbers[j], sizeof numbers[j]};
      values[j] = (stave_slice){value, sizeof value};
    }
    if (strcmp(kind, "multi_get") == 0) counted_multi_get(db, keys);
    if (strcmp(kind, "put_many") == 0) counted_put_many(db, keys, values);
  }
}

static void run_single(stave_db* db, const char* kind, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    key there = make_key(i * 7 % kPrefilled);
    key absent = make_key(kPrefilled + i);
    key each = make_key(i);
    if (strcmp(kind, "put_new") == 0) counted_put(db, &absent);
    if (strcmp(kind, "overwrite") == 0) counted_put(db, &there);
    if (strcmp(kind, "get") == 0) counted_get(db, &there);
    if (strcmp(kind, "get_into") == 0) counted_get_into(db, &there, STAVE_OK);
    if (strcmp(kind, "slower_get_into") == 0) counted_slower_get_into(db, &there, STAVE_OK);
    if (strcmp(kind, "miss") == 0) counted_get_into(db, &absent, STAVE_NOT_FOUND);
    if (strcmp(kind, "delete") == 0) counted_delete(db, &each);
  }
}

int main(int argc, char** argv) {
  uint64_t count = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
  if (count == 0 || count > kPrefilled || count % kMany != 0) {
    fprintf(stderr, "usage: instruction_ops DIR KIND COUNT (a multiple of %d)\n", kMany);
    return 2;
  }
  stave_options* options = NULL;
  stave_db* db = NULL;
  check(stave_options_create(&options), STAVE_OK, "options");
  check(stave_options_set(options, "background", "false"), STAVE_OK, "background");
  check(stave_options_set(options, "merge.policy", "never"), STAVE_OK, "merge.policy");
  check(stave_open(argv[1], options, &db), STAVE_OK, "open");
  stave_options_destroy(options);
  memset(value, 'v', sizeof value);
  fill(db);
  run_single(db, argv[2], count);
  run_many(db, argv[2], count);
  check(stave_close(db), STAVE_OK, "close");
  stave_release(db);
  return 0;
}
