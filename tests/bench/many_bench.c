/* What many keys in one call save: stave_multi_get and stave_put_many against single calls.
 *
 *   many_bench [KEYS [VALUE_BYTES [DIR]]]       default 1,000,000 100
 *
 * Keys of 16 bytes in random order. Prints ns per key for calls of n = 1, 4, 8, 32 and 128 keys, in
 * turn in every of five rounds, the best round of each counting; every value is checked.
 */
#include <inttypes.h>
#include <stave/stave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kKeyBytes = 16, kMost = 128, kSizes = 6, kRounds = 5 };
/* 0: single calls. */
static const size_t kSize[kSizes] = {0, 1, 4, 8, 32, 128};

typedef struct bench {
  stave_db* db;
  uint64_t keys;
  size_t value_bytes;
  uint64_t random;
  char key[kMost][kKeyBytes];
  stave_slice keys_of[kMost], values_of[kMost];
  stave_value found[kMost];
  char* value; /* what all puts store */
  char* buffer;
} bench;

static void check(int code, const char* what) {
  if (code == STAVE_OK) return;
  fprintf(stderr, "many_bench: %s: %s\n", what, stave_last_error());
  exit(2);
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/* `missing` makes keys that are not in the store. */
static void choose_keys(bench* b, size_t n, int missing) {
  for (size_t i = 0; i < n; i++) {
    uint64_t id[2];
    b->random += 0x9e3779b97f4a7c15u;
    id[0] = mix(mix(b->random) % b->keys + 1);
    id[1] = missing ? 1 : 0;
    memcpy(b->key[i], id, kKeyBytes);
  }
}

static void expect_value(const bench* b, const void* data, size_t length) {
  if (length == b->value_bytes && memcmp(data, b->value, 8) == 0) return;
  fprintf(stderr, "many_bench: a wrong value\n");
  exit(2);
}

static void get_each(bench* b, size_t n, int expected) {
  for (size_t i = 0; i < n; i++) {
    size_t length = 0;
    void* spill = NULL;
    int code =
        stave_get_into(b->db, b->key[i], kKeyBytes, b->buffer, b->value_bytes, &length, &spill);
    if (code != expected) check(code != STAVE_OK ? code : STAVE_INTERNAL, "get");
    if (code == STAVE_OK) expect_value(b, b->buffer, length);
  }
}

static void get_many(bench* b, size_t n, int expected) {
  void* spill = NULL;
  check(stave_multi_get(b->db, b->keys_of, n, b->buffer, kMost * b->value_bytes, b->found, &spill),
        "multi-get");
  for (size_t i = 0; i < n; i++) {
    if (b->found[i].code != expected) check(STAVE_INTERNAL, "multi-get: a wrong code");
    if (expected == STAVE_OK) expect_value(b, b->found[i].data, b->found[i].length);
  }
}

static void put_each(bench* b, size_t n, int unused) {
  (void)unused;
  for (size_t i = 0; i < n; i++) {
    check(stave_put(b->db, b->key[i], kKeyBytes, b->value, b->value_bytes, 0), "put");
  }
}

static void put_many(bench* b, size_t n, int unused) {
  (void)unused;
  check(stave_put_many(b->db, b->keys_of, b->values_of, n, 0, NULL), "put_many");
}

typedef void (*step)(bench*, size_t, int);

/* ns per key of `keys` keys, in calls of n; what choosing the keys takes is measured apart. */
static double measure(bench* b, step run, size_t n, int expected, uint64_t keys) {
  size_t group = n == 0 ? kMost : n;
  double busy[2];
  for (int idle = 0; idle < 2; idle++) {
    double begin = now_ns();
    for (uint64_t done = 0; done < keys; done += group) {
      choose_keys(b, group, expected == STAVE_NOT_FOUND);
      if (!idle) run(b, group, expected);
    }
    busy[idle] = now_ns() - begin;
  }
  return (busy[0] - busy[1]) / (double)keys;
}

static void row(bench* b, const char* name, step each, step many, int expected, uint64_t keys) {
  double best[kSizes];
  for (int i = 0; i < kSizes; i++) best[i] = 1e12;
  for (int round = 0; round < kRounds; round++) {
    for (int turn = 0; turn < kSizes; turn++) {
      int i = (turn + round) % kSizes; /* or one size would always meet the file's end */
      double ns = measure(b, kSize[i] == 0 ? each : many, kSize[i], expected, keys);
      if (ns < best[i]) best[i] = ns;
    }
  }
  printf("%-12s", name);
  for (int i = 0; i < kSizes; i++) printf(" %9.0f", best[i]);
  printf("   %4.2fx\n", best[0] / best[kSizes - 1]);
}

static void fill(bench* b) {
  for (uint64_t i = 0; i < b->keys; i++) {
    uint64_t id[2] = {mix(i + 1), 0};
    check(stave_put(b->db, id, kKeyBytes, b->value, b->value_bytes, 0), "fill");
  }
}

static void run(bench* b) {
  uint64_t keys = b->keys < 400000 ? b->keys : 400000;
  fill(b);
  printf("%" PRIu64 " keys of %d bytes, values of %zu; ns per key\n", b->keys, kKeyBytes,
         b->value_bytes);
  printf("%-12s %9s %9s %9s %9s %9s %9s   single/128\n", "", "single", "n=1", "n=4", "n=8", "n=32",
         "n=128");
  row(b, "get", get_each, get_many, STAVE_OK, keys);
  row(b, "get missing", get_each, get_many, STAVE_NOT_FOUND, keys);
  row(b, "overwrite", put_each, put_many, STAVE_OK, keys);
}

int main(int argc, char** argv) {
  static bench b;
  b.keys = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
  b.value_bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;
  char fallback[64];
  snprintf(fallback, sizeof fallback, "/tmp/stave-many-bench-%ld", (long)getpid());
  const char* dir = argc > 3 ? argv[3] : fallback;
  if (b.keys == 0 || b.value_bytes < 8) {
    fprintf(stderr, "usage: many_bench [KEYS [VALUE_BYTES (8 or more) [DIR]]]\n");
    return 2;
  }
  b.value = malloc(b.value_bytes);
  b.buffer = malloc(kMost * b.value_bytes);
  if (b.value == NULL || b.buffer == NULL) return 2;
  memset(b.value, 'v', b.value_bytes);
  for (size_t i = 0; i < kMost; i++) {
    b.keys_of[i] = (stave_slice){b.key[i], kKeyBytes};
    b.values_of[i] = (stave_slice){b.value, b.value_bytes};
  }
  stave_options* options = NULL;
  check(stave_options_create(&options), "options");
  check(stave_options_set(options, "merge.policy", "never"), "options");
  check(stave_open(dir, options, &b.db), "open");
  stave_options_destroy(options);
  run(&b);
  check(stave_close(b.db), "close");
  stave_release(b.db);
  if (dir == fallback) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command) != 0) fprintf(stderr, "many_bench: could not remove %s\n", dir);
  }
  free(b.value);
  free(b.buffer);
  return 0;
}
