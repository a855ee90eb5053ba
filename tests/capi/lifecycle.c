/* Opening, closing and giving back. */
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static void open_creates_the_store_and_close_keeps_it(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "k", "v");
  close_store(db);
  assert_true(file_exists(s->store, "MANIFEST"));
  db = open_store(s, "error_if_exists", "false", NULL);
  expect_holds(db, "k", "v");
  assert_int_equal(stats_of(db).opened_clean, 1);
  close_store(db);
}

static void open_with_null_options_means_all_defaults(void** state) {
  scratch* s = *state;
  stave_db* db = NULL;
  expect(STAVE_OK, stave_open(s->store, NULL, &db));
  put_text(db, "k", "v");
  expect_holds(db, "k", "v");
  close_store(db);
}

static void options_are_copied_by_open(void** state) {
  scratch* s = *state;
  stave_options* o = options_with(NULL);
  stave_db* db = NULL;
  expect(STAVE_OK, stave_open(s->store, o, &db));
  stave_options_destroy(o);
  put_text(db, "k", "v");
  close_store(db);
}

static void second_close_returns_the_first_result(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_OK, stave_close(db));
  expect(STAVE_OK, stave_close(db));
  expect(STAVE_OK, stave_close(db));
  stave_release(db);
}

static void null_is_closed_and_released_and_destroyed_without_complaint(void** state) {
  (void)state;
  expect(STAVE_OK, stave_close(NULL));
  stave_release(NULL);
  stave_options_destroy(NULL);
  stave_batch_destroy(NULL);
  stave_iter_destroy(NULL);
  stave_pin_destroy(NULL);
  stave_files_destroy(NULL);
  stave_free(NULL);
  assert_int_equal(stave_batch_count(NULL), 0);
  assert_int_equal(stave_pin_length(NULL), 0);
  assert_null(stave_pin_data(NULL));
  assert_int_equal(stave_files_count(NULL), 0);
}

static void release_without_close_keeps_every_write(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_many(db, 50, 100, 1);
  stave_release(db);
  db = open_store(s, NULL);
  expect_many(db, 50, 100, 1);
  close_store(db);
}

static void every_kind_of_handle_is_counted(void** state) {
  scratch* s = *state;
  assert_int_equal(stave_live_handles(), 0);
  stave_db* db = open_store(s, NULL);
  put_text(db, "k", "v");
  size_t alive = stave_live_handles();
  assert_int_equal(alive, 1);
  stave_options* o = options_with(NULL);
  assert_int_equal(stave_live_handles(), ++alive);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  assert_int_equal(stave_live_handles(), ++alive);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  assert_int_equal(stave_live_handles(), ++alive);
  stave_pin* pin = NULL;
  expect(STAVE_OK, stave_get_pinned(db, "k", 1, &pin));
  assert_int_equal(stave_live_handles(), ++alive);
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  assert_int_equal(stave_live_handles(), ++alive);
  stave_options_destroy(o);
  stave_batch_destroy(batch);
  stave_iter_destroy(it);
  stave_pin_destroy(pin);
  stave_files_destroy(files);
  assert_int_equal(stave_live_handles(), 1);
  close_store(db);
  assert_int_equal(stave_live_handles(), 0);
}

static void failed_open_leaves_no_handle(void** state) {
  scratch* s = *state;
  stave_db* db = (stave_db*)s;
  expect(STAVE_NO_STORE, open_at(s->store, &db, "create_if_missing", "false", NULL));
  assert_null(db);
  assert_int_equal(stave_live_handles(), 0);
  assert_false(file_exists(s->dir, "store"));
}

static void error_if_exists_refuses_a_store_and_accepts_none(void** state) {
  scratch* s = *state;
  close_store(open_store(s, "error_if_exists", "true", NULL));
  stave_db* db = (stave_db*)s;
  expect(STAVE_EXISTS, open_at(s->store, &db, "error_if_exists", "true", NULL));
  assert_null(db);
}

/* It was not asked of a store that is opened for reading. */
static void error_if_exists_counts_with_read_only_too(void** state) {
  scratch* s = *state;
  stave_db* db = NULL;
  expect(STAVE_NO_STORE,
         open_at(s->store, &db, "error_if_exists", "true", "read_only", "true", NULL));
  close_store(open_store(s, NULL));
  for (unsigned salvage = 0; salvage < 2; salvage++) {
    db = (stave_db*)s;
    expect(STAVE_EXISTS, open_at(s->store, &db, "error_if_exists", "true",
                                 salvage ? "salvage" : "read_only", "true", NULL));
    expect_text("error_if_exists");
    assert_null(db);
  }
}

static void a_file_in_place_of_the_directory_is_an_error(void** state) {
  scratch* s = *state;
  write_whole(s->dir, "store", "x", 1);
  stave_db* db = (stave_db*)s;
  int code = open_at(s->store, &db, NULL);
  assert_true(code == STAVE_IO || code == STAVE_NO_STORE || code == STAVE_INVALID_ARGUMENT);
  assert_true(stave_last_error()[0] != '\0');
  assert_null(db);
}

/* ENOENT of a file used to come out as STAVE_NOT_FOUND: "no such key". */
static void a_directory_that_went_away_is_no_answer_about_a_key(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "k", "v");
  close_store(db);
  db = open_store(s, NULL);
  char moved[sizeof s->store + 8];
  snprintf(moved, sizeof moved, "%s.moved", s->store);
  assert_int_equal(rename(s->store, moved), 0);
  expect(STAVE_IO, stave_delete(db, "k", 1, 0));
  expect_text("No such file or directory");
  expect(STAVE_IO, stave_put(db, "new", 3, "v", 1, 0));
  expect_holds(db, "k", "v");
  stave_release(db);
  remove_tree(moved);
}

static void a_missing_parent_directory_is_no_store(void** state) {
  scratch* s = *state;
  char below[sizeof s->store + 8];
  snprintf(below, sizeof below, "%s/below", s->store);
  stave_db* db = NULL;
  expect(STAVE_NO_STORE, open_at(below, &db, NULL));
  assert_null(db);
  expect_text("below");
  expect(STAVE_NO_STORE, open_at(below, &db, "read_only", "true", NULL));
}

static void an_existing_empty_directory_becomes_a_store(void** state) {
  scratch* s = *state;
  assert_int_equal(mkdir(s->store, 0755), 0);
  stave_db* db = open_store(s, NULL);
  put_text(db, "k", "v");
  close_store(db);
}

static void a_relative_directory_survives_chdir(void** state) {
  scratch* s = *state;
  char before[4096];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(s->dir), 0);
  stave_db* db = NULL;
  expect(STAVE_OK, open_at("store", &db, "max_file_size", "64KiB", NULL));
  assert_int_equal(chdir(before), 0);
  put_many(db, 300, 1000, 1); /* rotates after the chdir */
  expect_many(db, 300, 1000, 1);
  close_store(db);
  db = open_store(s, NULL);
  expect_many(db, 300, 1000, 1);
  close_store(db);
}

static void many_open_and_close_cycles_leak_no_descriptor(void** state) {
  scratch* s = *state;
  size_t before = 0;
  for (unsigned i = 0; i < test_scaled(40) + 2; i++) {
    stave_db* db = open_store(s, NULL);
    put_many(db, 3, 10, i);
    close_store(db);
    size_t now = open_descriptors();
    if (i == 1) before = now;
    if (i > 1) assert_int_equal(now, before);
  }
}

static void versions_agree_with_the_header(void** state) {
  (void)state;
  char text[64];
  snprintf(text, sizeof text, "%d.%d.%d", STAVE_VERSION_MAJOR, STAVE_VERSION_MINOR,
           STAVE_VERSION_PATCH);
  assert_string_equal(stave_version(), text);
  assert_int_equal(stave_version_number(), STAVE_VERSION_MAJOR * 1000000 +
                                               STAVE_VERSION_MINOR * 1000 + STAVE_VERSION_PATCH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(open_creates_the_store_and_close_keeps_it),
      CASE(open_with_null_options_means_all_defaults),
      CASE(options_are_copied_by_open),
      CASE(second_close_returns_the_first_result),
      CASE(null_is_closed_and_released_and_destroyed_without_complaint),
      CASE(release_without_close_keeps_every_write),
      CASE(every_kind_of_handle_is_counted),
      CASE(failed_open_leaves_no_handle),
      CASE(error_if_exists_refuses_a_store_and_accepts_none),
      CASE(error_if_exists_counts_with_read_only_too),
      CASE(a_file_in_place_of_the_directory_is_an_error),
      CASE(a_directory_that_went_away_is_no_answer_about_a_key),
      CASE(a_missing_parent_directory_is_no_store),
      CASE(an_existing_empty_directory_becomes_a_store),
      CASE(a_relative_directory_survives_chdir),
      CASE(many_open_and_close_cycles_leak_no_descriptor),
      CASE(versions_agree_with_the_header),
  };
  return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
