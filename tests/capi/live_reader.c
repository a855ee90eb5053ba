/* Readers beside a writer that never rests, rotates often and says now and then that all is
 * durable. They met files half written, half scanned and being trimmed, and called it damage. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define KEYS 20000u

/* Until it is killed. */
static void write_on(const char* store, const char* sync) {
  stave_db* db = NULL;
  char key[32];
  char value[300];
  memset(value, 7, sizeof value);
  if (open_at(store, &db, "sync", sync, "max_file_size", "4MiB", NULL) != STAVE_OK) _exit(1);
  for (uint64_t i = 0;; ++i) {
    int n = snprintf(key, sizeof key, "key-%u", (unsigned)(i * 7919 % KEYS));
    uint32_t flags = i % 500 == 0 ? STAVE_WRITE_SYNC : 0;
    if (stave_put(db, key, (size_t)n, value, i % sizeof value, flags) != STAVE_OK) _exit(2);
  }
}

static void read_beside(const scratch* s, const char* sync) {
  pid_t writer = fork();
  assert_true(writer >= 0);
  if (writer == 0) write_on(s->store, sync);
  stave_db* db = NULL;
  while (open_at(s->store, &db, "read_only", "true", NULL) == STAVE_NO_STORE) usleep(1000);
  for (unsigned i = test_scaled(24); i > 0; --i) {
    stave_stats before = stats_of(db);
    for (int j = 0; j < 3; ++j) expect(STAVE_OK, stave_refresh(db));
    assert_true(stats_of(db).last_seq >= before.last_seq);
    close_store(db);
    db = open_store(s, "read_only", "true", NULL);
  }
  close_store(db);
  assert_int_equal(kill(writer, SIGKILL), 0); /* fails if it has given up */
  int status = 0;
  assert_int_equal(waitpid(writer, &status, 0), writer);
  assert_true(WIFSIGNALED(status));
}

static void beside_a_writer_without_sync(void** state) { read_beside(*state, "none"); }
static void beside_a_writer_that_syncs_in_time(void** state) {
  read_beside(*state, "interval:1ms");
}
static void beside_a_writer_that_syncs_always(void** state) { read_beside(*state, "always"); }

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(beside_a_writer_without_sync),
      CASE(beside_a_writer_that_syncs_in_time),
      CASE(beside_a_writer_that_syncs_always),
  };
  return cmocka_run_group_tests_name("live_reader", tests, NULL, NULL);
}
