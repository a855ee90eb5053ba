/* The unsealed tail after a crash, with bits of it flipped one at a time (every fifth: a reader
 * looks at a torn tail for ten milliseconds): what opens is a prefix of history, and never one that
 * ends before what was durable. */
#include "harness.h"

enum { kOps = 10, kKeys = 4, kDurableOps = 5 };

/* Operation i acts on key i % kKeys: a put of "value <i>", but 5 deletes. */
static bool is_delete(int op) { return op == 5; }
static void key_of(int op, char* to) { snprintf(to, 8, "key%d", op % kKeys); }
static size_t value_of(int op, char* to) { return (size_t)sprintf(to, "value %d", op); }

typedef struct plan {
  const char* store;
  int sync_after; /* operations; 0: never */
} plan;

static int write_and_die(void* argument) {
  const plan* p = argument;
  stave_options* o = NULL;
  stave_db* db = NULL;
  int bad = stave_options_create(&o) || stave_options_set(o, "io", io_mode()) ||
            stave_options_set(o, "sync", "none") || stave_options_set(o, "preallocate", "64KiB") ||
            stave_options_set(o, "max_file_size", "64KiB") || stave_open(p->store, o, &db);
  if (bad) return 1;
  for (int op = 0; op < kOps; op++) {
    char key[8];
    char value[32];
    key_of(op, key);
    size_t n = value_of(op, value);
    int code = is_delete(op) ? stave_delete(db, key, strlen(key), 0)
                             : stave_put(db, key, strlen(key), value, n, 0);
    if (code != STAVE_OK) return 10 + op;
    if (op + 1 == p->sync_after && stave_sync(db) != STAVE_OK) return 2;
  }
  return 0;
}

/* The newest of the first n operations on this key; -1: none, or a delete. */
static int newest(int key, int n) {
  int found = -1;
  for (int op = 0; op < n; op++) {
    if (op % kKeys == key) found = is_delete(op) ? -1 : op;
  }
  return found;
}

static bool equals_prefix(stave_db* db, int n) {
  for (int k = 0; k < kKeys; k++) {
    char key[8];
    char value[32];
    key_of(k, key);
    void* own = NULL;
    size_t length = 0;
    int code = stave_get(db, key, strlen(key), &own, &length);
    int op = newest(k, n);
    bool same = op < 0 ? code == STAVE_NOT_FOUND
                       : code == STAVE_OK && length == value_of(op, value) &&
                             memcmp(own, value, length) == 0;
    stave_free(own);
    if (!same) return false;
  }
  return true;
}

static int check_open(const char* dir, uint64_t bit, const char* read_only, int durable) {
  stave_db* db = NULL;
  int code = open_at(dir, &db, "read_only", read_only, "max_file_size", "64KiB", NULL);
  if (code != STAVE_OK) return code;
  int n = kOps;
  while (n >= 0 && !equals_prefix(db, n)) n--;
  if (n < durable) {
    print_error("bit %llu, read_only %s: the first %d operations, %d were durable\n",
                (unsigned long long)bit, read_only, n, durable);
  }
  assert_true(n >= durable);
  close_store(db);
  return STAVE_OK;
}

/* Bytes of the only file that hold records: all up to the last that is not zero. */
static uint64_t used_bytes(const char* dir, const char* name) {
  size_t length = 0;
  char* bytes = read_whole(dir, name, &length);
  while (length > 0 && bytes[length - 1] == 0) length--;
  free(bytes);
  return length;
}

static void flip_bits(const scratch* s, int sync_after) {
  plan p = {s->store, sync_after};
  assert_int_equal(in_child(write_and_die, &p), 0);
  const char* name = NULL;
  file_names logs = files_ending(s->store, ".log");
  for (size_t i = 0; i < logs.count; i++) { /* beside a spare, perhaps */
    if (name == NULL || used_bytes(s->store, logs.name[i]) > used_bytes(s->store, name)) {
      name = logs.name[i];
    }
  }
  assert_non_null(name);
  uint64_t bytes = used_bytes(s->store, name);
  assert_true(bytes > 64 + (kOps - 1) * 32 && bytes < 2000);
  char copy[200];
  snprintf(copy, sizeof copy, "%s/copy", s->dir);
  unsigned cut = 0;
  for (uint64_t bit = 0; bit < bytes * 8; bit += 5) {
    flip_bit(s->store, name, bit);
    int code = check_open(s->store, bit, "true", sync_after);
    if (bit % 64 < 5) {
      copy_store(s->store, copy);
      assert_int_equal(check_open(copy, bit, "false", sync_after), code);
    }
    flip_bit(s->store, name, bit);
    bool header = bit < 64 * 8;
    assert_true(code == STAVE_OK || code == STAVE_CORRUPT || (code == STAVE_UNSUPPORTED && header));
    if (sync_after == 0 && !header) assert_int_equal(code, STAVE_OK); /* a tear, nothing more */
    cut += code == STAVE_OK;
  }
  assert_true(cut > 0);
  assert_int_equal(check_open(s->store, 0, "true", kOps), STAVE_OK);
}

static void never_synced_it_is_cut_at_the_damage(void** state) { flip_bits(*state, 0); }

static void synced_in_the_middle_nothing_durable_is_cut(void** state) {
  flip_bits(*state, kDurableOps);
}

static void what_was_cut_is_kept_in_quarantine_and_counted(void** state) {
  scratch* s = *state;
  plan p = {s->store, 0};
  assert_int_equal(in_child(write_and_die, &p), 0);
  file_names logs = files_ending(s->store, ".log");
  flip_bit(s->store, logs.name[0], (64 + 40) * 8); /* the second record */
  stave_db* db = open_store(s, NULL);
  stave_stats stats = stats_of(db);
  assert_int_equal(stats.opened_clean, 0);
  assert_true(stats.quarantined_bytes >= (kOps - 2) * 32);
  assert_true(file_exists(s->store, "quarantine"));
  assert_true(equals_prefix(db, 1));
  put_text(db, "key1", "new");
  close_store(db);
  db = open_store(s, NULL);
  assert_int_equal(stats_of(db).quarantined_bytes, 0);
  expect_holds(db, "key1", "new");
  expect_missing(db, "key2"); /* what was cut stays away */
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(never_synced_it_is_cut_at_the_damage),
      CASE(synced_in_the_middle_nothing_durable_is_cut),
      CASE(what_was_cut_is_kept_in_quarantine_and_counted),
  };
  return cmocka_run_group_tests_name("tail_damage", tests, NULL, NULL);
}
