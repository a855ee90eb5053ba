/* Speed of an uncapped merge beside that of `cp` on the same bytes, through the C API.
 *
 *   merge_bench [KEYS [VALUE_BYTES [DIR]]]       default 250,000 4096
 *
 * Fills a store so that a third of the records of each file are dead, merges it, and copies what
 * the merge left with cp and sync. Both sides end with their bytes on the device. A copy is made
 * before the merge too: the difference between the two is what memory new to a virtual machine
 * costs. Prints MB/s of live records and thousands of records per second.
 */
#include <inttypes.h>
#include <stave/stave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kHeaderBytes = 20, kKeyBytes = 16 };

static void check(int code, const char* what) {
  if (code == STAVE_OK) return;
  fprintf(stderr, "merge_bench: %s: %s\n", what, stave_last_error());
  exit(2);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(const char* command) {
  if (system(command) == 0) return;
  fprintf(stderr, "merge_bench: failed: %s\n", command);
  exit(2);
}

static void fill(stave_db* db, uint64_t keys, size_t value_bytes) {
  char* value = calloc(1, value_bytes + sizeof keys);
  if (value == NULL) exit(2);
  for (uint64_t i = 0; i < keys; i++) {
    uint64_t key[2] = {i * 0x9e3779b97f4a7c15u, i};
    memcpy(value, &i, sizeof i);
    check(stave_put(db, key, sizeof key, value, value_bytes, 0), "put");
    if (i % 2 == 0) check(stave_put(db, "always the same.", 16, value, value_bytes, 0), "put");
  }
  free(value);
  check(stave_sync(db), "sync");
}

/* Seconds that cp and sync of the store's data files take. */
static double copy(const char* dir) {
  char command[1200];
  snprintf(command, sizeof command, "mkdir '%s/copy'", dir);
  run(command);
  const double start = now();
  snprintf(command, sizeof command, "cp '%s'/store/*.log '%s/copy' && sync '%s'/copy/*", dir, dir,
           dir);
  run(command);
  const double seconds = now() - start;
  snprintf(command, sizeof command, "rm -r '%s/copy'", dir);
  run(command);
  return seconds;
}

static uint64_t disk_bytes(stave_db* db) {
  stave_stats stats = {.size = sizeof stats};
  check(stave_get_stats(db, &stats), "statistics");
  return stats.disk_bytes;
}

int main(int argc, char** argv) {
  const uint64_t keys = argc > 1 ? strtoull(argv[1], NULL, 10) : 250000;
  const size_t value_bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 4096;
  char dir[512], store[600], command[1200];
  snprintf(dir, sizeof dir, "%s/merge_bench.XXXXXX", argc > 3 ? argv[3] : ".");
  if (keys == 0 || mkdtemp(dir) == NULL) {
    fprintf(stderr, "usage: merge_bench [KEYS [VALUE_BYTES [DIR]]]; DIR must be writable\n");
    return 2;
  }
  snprintf(store, sizeof store, "%s/store", dir);
  stave_options* options;
  stave_db* db;
  check(stave_options_create(&options), "options");
  check(stave_options_set(options, "merge.policy", "never"), "options");
  check(stave_open(store, options, &db), "open");
  stave_options_destroy(options);
  fill(db, keys, value_bytes);

  const uint64_t before = disk_bytes(db);
  const double first_copy = copy(dir);
  const double start = now();
  check(stave_merge(db, STAVE_MERGE_UNCAPPED), "merge");
  const double merge = now() - start;
  const uint64_t after = disk_bytes(db);
  const double second_copy = copy(dir);

  const double live = (double)keys * (double)(kHeaderBytes + kKeyBytes + value_bytes);
  printf("cp before  %8.0f MB/s\n", (double)before / first_copy / 1e6);
  printf("merge      %8.0f MB/s of live records, %.0f k records/s\n", live / merge / 1e6,
         (double)keys / merge / 1e3);
  printf("cp after   %8.0f MB/s; merge / cp %.2f\n", (double)after / second_copy / 1e6,
         live / merge / ((double)after / second_copy));
  check(stave_close(db), "close");
  stave_release(db);
  snprintf(command, sizeof command, "rm -r '%s'", dir);
  run(command);
  return 0;
}
