#include "harness.h"

#include <sys/wait.h>
#include <unistd.h>

int scratch_setup(void** state) {
  scratch* s = calloc(1, sizeof *s);
  assert_non_null(s);
  const char* base = getenv("TMPDIR");
  snprintf(s->dir, sizeof s->dir, "%.80s/stave-capi-XXXXXX", base && *base ? base : "/tmp");
  assert_non_null(mkdtemp(s->dir));
  snprintf(s->store, sizeof s->store, "%s/store", s->dir);
  s->alive = stave_live_handles();
  *state = s;
  return 0;
}

int scratch_teardown(void** state) {
  scratch* s = *state;
  size_t before = s->alive;
  remove_tree(s->dir);
  free(s);
  size_t now = stave_live_handles();
  if (now != before) print_error("handles alive: %zu before the case, %zu after\n", before, now);
  return now == before ? 0 : -1;
}

void expect_code(int expected, int got, const char* call, const char* file, int line) {
  if (got != expected) {
    print_error("%s:%d: %s\n  returned %s, expected %s\n  text: %s\n", file, line, call,
                stave_status_name(got), stave_status_name(expected), stave_last_error());
    _fail(file, line);
  }
  if (got != STAVE_OK && stave_last_error()[0] == '\0') {
    print_error("%s:%d: %s\n  returned %s without a text\n", file, line, call,
                stave_status_name(got));
    _fail(file, line);
  }
}

void expect_text_at(const char* part, const char* file, int line) {
  if (strstr(stave_last_error(), part) == NULL) {
    print_error("%s:%d: no \"%s\" in the text: %s\n", file, line, part, stave_last_error());
    _fail(file, line);
  }
}

const char* io_mode(void) {
  const char* io = getenv("STAVE_TEST_IO");
  return io && *io ? io : "mapped";
}

static stave_options* options_from(const char* name, va_list rest) {
  stave_options* o = NULL;
  expect(STAVE_OK, stave_options_create(&o));
  expect(STAVE_OK, stave_options_set(o, "io", io_mode()));
  for (; name != NULL; name = va_arg(rest, const char*)) {
    expect(STAVE_OK, stave_options_set(o, name, va_arg(rest, const char*)));
  }
  return o;
}

stave_options* options_with(const char* name, ...) {
  va_list rest;
  va_start(rest, name);
  stave_options* o = options_from(name, rest);
  va_end(rest);
  return o;
}

int open_at(const char* dir, stave_db** out, const char* name, ...) {
  va_list rest;
  va_start(rest, name);
  stave_options* o = options_from(name, rest);
  va_end(rest);
  int code = stave_open(dir, o, out);
  stave_options_destroy(o); /* keeps the text of stave_open: it cannot fail */
  return code;
}

stave_db* open_store(const scratch* s, const char* name, ...) {
  va_list rest;
  va_start(rest, name);
  stave_options* o = options_from(name, rest);
  va_end(rest);
  stave_db* db = NULL;
  expect(STAVE_OK, stave_open(s->store, o, &db));
  assert_non_null(db);
  stave_options_destroy(o);
  return db;
}

void close_store(stave_db* db) {
  expect(STAVE_OK, stave_close(db));
  stave_release(db);
}

void put_text(stave_db* db, const char* key, const char* value) {
  expect(STAVE_OK, stave_put(db, key, strlen(key), value, strlen(value), 0));
}

void delete_text(stave_db* db, const char* key) {
  expect(STAVE_OK, stave_delete(db, key, strlen(key), 0));
}

void expect_bytes(stave_db* db, const void* key, size_t key_length, const void* value,
                  size_t value_length) {
  void* got = NULL;
  size_t length = 0;
  expect(STAVE_OK, stave_get(db, key, key_length, &got, &length));
  assert_non_null(got);
  assert_int_equal(length, value_length);
  if (length > 0) assert_memory_equal(got, value, length);
  stave_free(got);
}

void expect_holds(stave_db* db, const char* key, const char* value) {
  expect_bytes(db, key, strlen(key), value, strlen(value));
}

void expect_missing(stave_db* db, const char* key) {
  void* got = &got;
  size_t length = 99;
  expect(STAVE_NOT_FOUND, stave_get(db, key, strlen(key), &got, &length));
  assert_null(got);
  assert_int_equal(length, 0);
}

uint64_t count_keys(stave_db* db) {
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  uint64_t n = 0;
  int code;
  while ((code = stave_iter_next(it)) == STAVE_OK) n++;
  expect(STAVE_DONE, code);
  stave_iter_destroy(it);
  return n;
}

unsigned events_naming(stave_db* db, const char* part) {
  stave_log_event event;
  unsigned n = 0;
  for (;;) {
    memset(&event, 0, sizeof event);
    event.size = sizeof event;
    if (stave_next_log_event(db, &event) != STAVE_OK) return n;
    n += strstr(event.message, part) != NULL;
  }
}

stave_stats stats_of(stave_db* db) {
  stave_stats stats;
  memset(&stats, 0, sizeof stats);
  stats.size = sizeof stats;
  expect(STAVE_OK, stave_get_stats(db, &stats));
  return stats;
}

static uint64_t many_seed(unsigned i, unsigned round) { return (uint64_t)round << 32 | i; }

void put_many(stave_db* db, unsigned n, size_t size, unsigned round) {
  char* value = malloc(size + 1);
  assert_non_null(value);
  for (unsigned i = 0; i < n; i++) {
    char key[32];
    int key_length = snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, size, many_seed(i, round));
    expect(STAVE_OK, stave_put(db, key, (size_t)key_length, value, size, 0));
  }
  free(value);
}

void expect_many(stave_db* db, unsigned n, size_t size, unsigned round) {
  char* value = malloc(size + 1);
  assert_non_null(value);
  for (unsigned i = 0; i < n; i++) {
    char key[32];
    int key_length = snprintf(key, sizeof key, "key-%04u", i);
    fill_bytes(value, size, many_seed(i, round));
    expect_bytes(db, key, (size_t)key_length, value, size);
  }
  free(value);
}

uint64_t test_seed(void) {
  const char* text = getenv("STAVE_TEST_SEED");
  uint64_t seed = text && *text ? strtoull(text, NULL, 0) : 0x5747415645ULL ^ (uint64_t)getpid();
  print_message("STAVE_TEST_SEED=%llu\n", (unsigned long long)seed);
  return seed;
}

unsigned test_scaled(unsigned n) {
  const char* text = getenv("STAVE_TEST_SCALE");
  uint64_t percent = text && *text ? strtoull(text, NULL, 0) : 100;
  uint64_t scaled = n * percent / 100;
  return scaled > 0 ? (unsigned)scaled : 1;
}

const char* path_beside(const scratch* s, const char* name) {
  static char paths[4][256];
  static unsigned next;
  char* path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", s->dir, name);
  return path;
}

uint64_t next_random(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ULL); /* splitmix64 */
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

void fill_bytes(void* to, size_t n, uint64_t seed) {
  uint64_t state = seed;
  char* at = to;
  while (n > 0) {
    uint64_t r = next_random(&state);
    size_t step = n < sizeof r ? n : sizeof r;
    memcpy(at, &r, step);
    at += step;
    n -= step;
  }
}

int in_child(int (*body)(void*), void* argument) {
  fflush(NULL); /* or the child would print our buffered lines again */
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(body(argument));
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
