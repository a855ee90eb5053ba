/* What a closed store still answers, and what outlives it. */
#include "harness.h"

static void every_call_on_a_closed_store_returns_closed(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  expect(STAVE_OK, stave_close(db));
  const char* wrong = first_call_not_returning(STAVE_CLOSED, db);
  if (wrong != NULL) print_error("%s\n", wrong);
  assert_null(wrong);
  stave_release(db);
}

static void bad_arguments_do_not_hide_that_it_is_closed_or_crash(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_OK, stave_close(db));
  int code = stave_put(db, NULL, 1, NULL, 1, 0);
  assert_true(code == STAVE_CLOSED || code == STAVE_NULL_ARGUMENT);
  stave_release(db);
}

static void pins_and_iterators_and_file_lists_outlive_close_and_release(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "a", "1");
  put_text(db, "b", "2");
  stave_pin* pin = NULL;
  expect(STAVE_OK, stave_get_pinned(db, "a", 1, &pin));
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  expect(STAVE_OK, stave_iter_next(it));
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  close_store(db);

  assert_int_equal(stave_pin_length(pin), 1);
  assert_memory_equal(stave_pin_data(pin), "1", 1);
  size_t length = 0;
  assert_memory_equal(stave_iter_key(it, &length), "a", 1);
  expect(STAVE_OK, stave_iter_next(it));
  const void* value = NULL;
  expect(STAVE_OK, stave_iter_value(it, &value, &length));
  assert_int_equal(length, 1);
  assert_memory_equal(value, "2", 1);
  expect(STAVE_DONE, stave_iter_next(it));
  assert_true(stave_files_count(files) >= 1);
  stave_pin_destroy(pin);
  stave_iter_destroy(it);
  stave_files_destroy(files);
}

static void a_store_can_be_opened_again_while_an_old_pin_lives(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "a", "old");
  stave_pin* pin = NULL;
  expect(STAVE_OK, stave_get_pinned(db, "a", 1, &pin));
  close_store(db);
  db = open_store(s, NULL);
  put_text(db, "a", "new");
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  expect_holds(db, "a", "new");
  assert_int_equal(stave_pin_length(pin), 3);
  assert_memory_equal(stave_pin_data(pin), "old", 3);
  close_store(db);
  stave_pin_destroy(pin);
}

static void a_second_iterator_cannot_be_made_after_close_but_the_first_goes_on(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_many(db, 100, 50, 1);
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, "key-", 4, &it));
  expect(STAVE_OK, stave_close(db));
  stave_iter* second = NULL;
  expect(STAVE_CLOSED, stave_iter_create(db, "key-", 4, &second));
  unsigned n = 0;
  while (stave_iter_next(it) == STAVE_OK) n++;
  assert_int_equal(n, 100);
  stave_iter_destroy(it);
  stave_release(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(every_call_on_a_closed_store_returns_closed),
      CASE(bad_arguments_do_not_hide_that_it_is_closed_or_crash),
      CASE(pins_and_iterators_and_file_lists_outlive_close_and_release),
      CASE(a_store_can_be_opened_again_while_an_old_pin_lives),
      CASE(a_second_iterator_cannot_be_made_after_close_but_the_first_goes_on),
  };
  return cmocka_run_group_tests_name("closed", tests, NULL, NULL);
}
