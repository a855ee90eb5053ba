/* What the calls cost in C, for the benches of the bindings to print next to their own figures.
 *
 *   usage: call_bench DIR ENTRIES     one line each: NAME NANOSECONDS-PER-CALL
 *
 * Keys are "key" and 13 digits, in a scattered order; values have 100 bytes. */
#include <stave/stave.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { key_length = 16, value_length = 100, batch_most = 128 };

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void must(int status) {
  if (status == STAVE_OK) return;
  fprintf(stderr, "call_bench: %s: %s\n", stave_status_name(status), stave_last_error());
  exit(1);
}

static void told(const char* name, uint64_t start, uint64_t calls) {
  printf("%s %.1f\n", name, (double)(now_ns() - start) / (double)calls);
}

static char* make_keys(uint64_t entries) {
  char* keys = malloc(entries * (key_length + 1));
  if (keys == NULL) exit(1);
  for (uint64_t i = 0; i < entries; i++) {
    sprintf(keys + i * key_length, "key%013llu", (unsigned long long)(i * 7919 % entries));
  }
  return keys;
}

static void walk(stave_db* db, uint64_t entries) {
  stave_iter* iter = NULL;
  stave_item items[batch_most];
  static char buffer[65536];
  size_t count = 0;
  void* spill = NULL;
  int status;
  uint64_t start = now_ns();
  must(stave_iter_open(db, NULL, &iter));
  while ((status = stave_iter_next_batch(iter, items, batch_most, buffer, sizeof buffer, &count,
                                         &spill)) == STAVE_OK) {
    stave_free(spill);
  }
  if (status != STAVE_DONE) must(status);
  told("iterate", start, entries);
  stave_iter_destroy(iter);
}

static void run(stave_db* db, uint64_t entries) {
  char* keys = make_keys(entries);
  char value[value_length], buffer[value_length];
  size_t length = 0;
  void* spill = NULL;
  uint64_t start = now_ns();
  memset(value, 'v', sizeof value);
  for (uint64_t i = 0; i < entries; i++) (void)stave_version_number();
  told("empty", start, entries);

  for (int round = 0; round < 2; round++) { /* the first one fills the store, and is not told */
    start = now_ns();
    for (uint64_t i = 0; i < entries; i++) {
      must(stave_put(db, keys + i * key_length, key_length, value, sizeof value, 0));
    }
  }
  told("put", start, entries);

  start = now_ns();
  for (uint64_t i = 0; i < entries; i++) {
    must(stave_get_into(db, keys + i * key_length, key_length, buffer, sizeof buffer, &length,
                        &spill));
  }
  told("get", start, entries);

  start = now_ns();
  for (uint64_t i = 0; i < entries; i++) {
    if (stave_get_into(db, keys + i * key_length, key_length - 1, buffer, sizeof buffer, &length,
                       &spill) != STAVE_NOT_FOUND) {
      must(STAVE_INTERNAL);
    }
  }
  told("miss", start, entries);
  walk(db, entries);
  free(keys);
}

int main(int argc, char** argv) {
  stave_db* db = NULL;
  uint64_t entries = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
  if (entries == 0) {
    fprintf(stderr, "usage: %s DIR ENTRIES\n", argv[0]);
    return 2;
  }
  must(stave_open(argv[1], NULL, &db));
  run(db, entries);
  must(stave_close(db));
  stave_release(db);
  return 0;
}
