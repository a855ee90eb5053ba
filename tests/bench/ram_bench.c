/* Memory of a store by its process: resident anonymous bytes per live key, through the C API.
 *
 *   ram_bench [KEYS [KEY_BYTES [VALUE_BYTES [DIR]]]]       default 10,000,000 16 100
 *
 * Prints RssAnon (what is not backed by files) above what the process had before the store was
 * opened: the highest seen while filling, then at rest, after an iteration over everything, while
 * every tenth key is put again, and after a merge. Less 32 MiB for the unsealed tail's runs and
 * buffers, each must stay within 20 bytes a key: status 1 if one does not. What an open iterator
 * holds (the first key of every 4 KiB of hint) is printed only. Under a sanitizer
 * (STAVE_RAM_UNJUDGED) nothing is judged: its shadow and quarantine are part of the process.
 */
#include <inttypes.h>
#include <stave/stave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TAIL_ALLOWANCE ((uint64_t)32 << 20)
#define BYTES_PER_KEY_MAX 20.0
#ifdef STAVE_RAM_UNJUDGED
static const int judged = 0;
#else
static const int judged = 1;
#endif

static uint64_t resident_anonymous(void) {
  FILE* f = fopen("/proc/self/status", "r");
  char line[256];
  uint64_t kib = 0;
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1) break;
  }
  if (f != NULL) fclose(f);
  return kib * 1024;
}

static void check(int code, const char* what) {
  if (code == STAVE_OK) return;
  fprintf(stderr, "ram_bench: %s: %s\n", what, stave_last_error());
  exit(2);
}

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

typedef struct {
  stave_db* db;
  uint64_t keys;
  size_t key_bytes, value_bytes;
  char* key;
  char* value;
  uint64_t before; /* resident before the store was opened */
  uint64_t peak;
} bench;

static void sample(bench* b) {
  uint64_t now = resident_anonymous();
  now = now > b->before ? now - b->before : 0;
  if (now > b->peak) b->peak = now;
}

/* Prints the highest sample since the last report; returns whether it is within the limit. */
static int report(bench* b, const char* when) {
  uint64_t beyond = b->peak > TAIL_ALLOWANCE ? b->peak - TAIL_ALLOWANCE : 0;
  double each = (double)beyond / (double)b->keys;
  printf("%-14s %7.1f MiB anonymous, %5.2f B/key; less 32 MiB for the tail %5.2f B/key\n", when,
         (double)b->peak / (1 << 20), (double)b->peak / (double)b->keys, each);
  b->peak = 0;
  return each <= BYTES_PER_KEY_MAX;
}

static int report_rest(bench* b, const char* when) {
  sleep(3); /* the sealer finishes its file */
  sample(b);
  return report(b, when);
}

static void put_every(bench* b, uint64_t step) {
  for (uint64_t i = 0; i < b->keys; i += step) {
    uint64_t id = mix(i + 1);
    memcpy(b->key, &id, sizeof id);
    check(stave_put(b->db, b->key, b->key_bytes, b->value, b->value_bytes, 0), "put");
    if (i % (8192 * step) == 0) sample(b);
  }
}

static void iterate(bench* b) {
  stave_iter* iter = NULL;
  uint64_t seen = 0;
  int code;
  check(stave_iter_create(b->db, NULL, 0, &iter), "iterate");
  for (; (code = stave_iter_next(iter)) == STAVE_OK; seen++) {
    if (seen % 8192 == 0) sample(b);
  }
  stave_iter_destroy(iter);
  if (code != STAVE_DONE || seen != b->keys) {
    fprintf(stderr, "ram_bench: %" PRIu64 " keys iterated, status %d\n", seen, code);
    exit(2);
  }
}

static int run(bench* b) {
  time_t begin = time(NULL);
  put_every(b, 1);
  printf("%" PRIu64 " keys of %zu bytes, values of %zu: filled in %ld s\n", b->keys, b->key_bytes,
         b->value_bytes, (long)(time(NULL) - begin));
  int good = report(b, "filling, peak");
  good &= report_rest(b, "at rest");
  iterate(b);
  (void)report(b, "iterating");
  good &= report_rest(b, "iterated");
  put_every(b, 10);
  good &= report(b, "overwriting");
  check(stave_merge(b->db, STAVE_MERGE_UNCAPPED), "merge");
  good &= report_rest(b, "merged");
  stave_stats stats;
  memset(&stats, 0, sizeof stats);
  stats.size = sizeof stats;
  check(stave_get_stats(b->db, &stats), "stats");
  printf("%-14s %7.1f MiB, %5.2f B/key; %" PRIu64 " live keys\n", "keydir tables",
         (double)stats.keydir_bytes / (1 << 20), (double)stats.keydir_bytes / (double)b->keys,
         stats.keys);
  return good;
}

int main(int argc, char** argv) {
  bench b;
  memset(&b, 0, sizeof b);
  b.keys = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
  b.key_bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 16;
  b.value_bytes = argc > 3 ? strtoull(argv[3], NULL, 10) : 100;
  char fallback[64];
  snprintf(fallback, sizeof fallback, "/tmp/stave-ram-bench-%ld", (long)getpid());
  const char* dir = argc > 4 ? argv[4] : fallback;
  if (b.keys == 0 || b.key_bytes < 8 || b.key_bytes > STAVE_KEY_SIZE_MAX) {
    fprintf(stderr, "usage: ram_bench [KEYS [KEY_BYTES (8..65535) [VALUE_BYTES [DIR]]]]\n");
    return 2;
  }
  b.key = calloc(1, b.key_bytes);
  b.value = calloc(1, b.value_bytes + 1);
  if (b.key == NULL || b.value == NULL) return 2;
  memset(b.key, 'k', b.key_bytes);
  memset(b.value, 'v', b.value_bytes);
  b.before = resident_anonymous();
  check(stave_open(dir, NULL, &b.db), "open");
  int good = run(&b);
  check(stave_close(b.db), "close");
  stave_release(b.db);
  if (dir == fallback) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command) != 0) fprintf(stderr, "ram_bench: could not remove %s\n", dir);
  }
  free(b.key);
  free(b.value);
  if (!judged) printf("not judged: built with a sanitizer\n");
  return good || !judged ? 0 : 1;
}
