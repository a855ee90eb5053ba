/* A merge that sorts: each key in one file, the files one after the other, and walks over them. */
#include "random_walks.h"

enum { kFileEntries = 32 };

static stave_db* open_sorted(const scratch* s, const char* io) {
  return open_store(s, "max_file_entries", "32", "merge.policy", "never", "io", io, NULL);
}

static void walk_about(stave_db* db, const table* t, uint64_t* random, unsigned ranges) {
  for (unsigned i = 0; i < ranges; i++) {
    char from[kLetters + 1] = "";
    char to[kLetters + 1] = "";
    if (i % 4 >= 2) random_key(random, from);
    if (i % 8 >= 4) random_key(random, to);
    walk_range(db, t, random, from, to, i % 2 ? STAVE_ITER_REVERSE : 0);
    walk_range(db, t, random, from, to, STAVE_ITER_KEYS_ONLY);
  }
}

static void sort_store(stave_db* db) {
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED | STAVE_MERGE_SORT));
}

static void walks_over(const scratch* s, const char* io) {
  uint64_t random = test_seed();
  stave_db* db = open_sorted(s, io);
  static table t;
  t.n = 0;
  for (unsigned round = 0; round < 6; round++) {
    write_random(db, &t, &random, round == 0 ? 1200 : 40);
    sort_store(db);
    assert_true(stats_of(db).files > 3);
    walk_about(db, &t, &random, test_scaled(16));
    write_random(db, &t, &random, 40); /* what comes later lies across all of them */
    walk_about(db, &t, &random, test_scaled(16));
  }
  close_store(db);
}

static void walks_over_a_sorted_store(void** state) { walks_over(*state, "mapped"); }
static void walks_by_positional_reads(void** state) { walks_over(*state, "positional"); }

static void damaged_hints_of_a_sorted_store_are_made_good(void** state) {
  scratch* s = *state;
  uint64_t random = test_seed();
  stave_db* db = open_sorted(s, "mapped");
  static table t;
  t.n = 0;
  write_random(db, &t, &random, 1200);
  sort_store(db);
  file_names hints = files_ending(s->store, ".hint");
  assert_true(hints.count > 3);
  for (unsigned round = 0; round < 20; round++) {
    /* In the entries, in the middle of a walk or at its start, or in what says where they are. */
    size_t length = 0;
    const char* name = hints.name[next_random(&random) % hints.count];
    free(read_whole(s->store, name, &length));
    const uint64_t bit = next_random(&random) % (8 * length);
    flip_bit(s->store, name, bit);
    walk_about(db, &t, &random, 4);
    flip_bit(s->store, name, bit);
  }
  close_store(db);
}

static uint64_t newest_file(stave_db* db) {
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  uint64_t newest = 0;
  for (size_t i = 0; i < stave_files_count(files); i++) {
    stave_file_info file = {.size = sizeof file};
    expect(STAVE_OK, stave_files_at(files, i, &file));
    if (file.state == STAVE_FILE_SEALED && file.id > newest) newest = file.id;
  }
  stave_files_destroy(files);
  return newest;
}

static void put_in_turns(stave_db* db) {
  for (unsigned i = 0; i < 10 * kFileEntries; i++) {
    char key[16];
    snprintf(key, sizeof key, "%04u", i * 7 % (10 * kFileEntries)); /* each file has some of all */
    put_text(db, key, "value");
  }
}

/* Nothing is dead: a plain merge leaves the files as they are. */
static void all_is_written_anew_once(void** state) {
  stave_db* db = open_sorted(*state, "mapped");
  put_in_turns(db);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  const uint64_t unsorted = newest_file(db);
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  assert_int_equal(newest_file(db), unsorted);
  sort_store(db);
  const uint64_t sorted = newest_file(db);
  assert_true(sorted > unsorted);
  sort_store(db);
  assert_int_equal(newest_file(db), sorted);
  assert_int_equal(count_keys(db), 10 * kFileEntries);
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(walks_over_a_sorted_store),
      CASE(walks_by_positional_reads),
      CASE(damaged_hints_of_a_sorted_store_are_made_good),
      CASE(all_is_written_anew_once),
  };
  return cmocka_run_group_tests_name("iterate_sorted", tests, NULL, NULL);
}
