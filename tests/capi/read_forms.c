/* The forms of reading: into a buffer, as a view, and whether it is there. */
#include "harness.h"

static const char kValue[] = "0123456789";
enum { kLength = sizeof kValue - 1 };

static void get_into_fills_what_fits_and_spills_what_does_not(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", kValue);
  for (size_t cap = 0; cap <= kLength + 3; cap++) {
    char buffer[32];
    memset(buffer, '#', sizeof buffer);
    size_t length = 0;
    void* spill = (void*)state;
    expect(STAVE_OK, stave_get_into(db, "k", 1, buffer, cap, &length, &spill));
    assert_int_equal(length, kLength);
    if (cap < kLength) {
      assert_non_null(spill);
      assert_memory_equal(spill, kValue, kLength);
      stave_free(spill);
    } else {
      assert_null(spill);
      assert_memory_equal(buffer, kValue, kLength);
    }
    for (size_t i = cap; i < sizeof buffer; i++) assert_int_equal(buffer[i], '#');
  }
  close_store(db);
}

static void get_into_takes_no_buffer_at_all(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", kValue);
  size_t length = 0;
  void* spill = NULL;
  expect(STAVE_OK, stave_get_into(db, "k", 1, NULL, 0, &length, &spill));
  assert_int_equal(length, kLength);
  assert_memory_equal(spill, kValue, kLength);
  stave_free(spill);
  close_store(db);
}

static void the_empty_value_fits_into_nothing(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "");
  size_t length = 99;
  void* spill = (void*)state;
  expect(STAVE_OK, stave_get_into(db, "k", 1, NULL, 0, &length, &spill));
  assert_int_equal(length, 0);
  assert_null(spill);
  void* own = NULL;
  expect(STAVE_OK, stave_get(db, "k", 1, &own, &length));
  assert_non_null(own); /* promised even for the empty value */
  stave_free(own);
  stave_pin* pin = NULL;
  expect(STAVE_OK, stave_get_pinned(db, "k", 1, &pin));
  assert_int_equal(stave_pin_length(pin), 0);
  stave_pin_destroy(pin);
  close_store(db);
}

static void a_missing_key_clears_every_output(void** state) {
  stave_db* db = open_store(*state, NULL);
  char buffer[4];
  size_t length = 99;
  void* spill = (void*)state;
  expect(STAVE_NOT_FOUND, stave_get_into(db, "k", 1, buffer, 4, &length, &spill));
  assert_true(length == 0 && spill == NULL);
  stave_pin* pin = (stave_pin*)state;
  expect(STAVE_NOT_FOUND, stave_get_pinned(db, "k", 1, &pin));
  assert_null(pin);
  int exists = 99;
  expect(STAVE_OK, stave_exists(db, "k", 1, &exists));
  assert_int_equal(exists, 0);
  close_store(db);
}

static void exists_follows_put_and_delete(void** state) {
  stave_db* db = open_store(*state, NULL);
  int exists = 0;
  put_text(db, "k", "v");
  expect(STAVE_OK, stave_exists(db, "k", 1, &exists));
  assert_int_equal(exists, 1);
  delete_text(db, "k");
  expect(STAVE_OK, stave_exists(db, "k", 1, &exists));
  assert_int_equal(exists, 0);
  close_store(db);
}

static void expect_pin(stave_pin* pin, const char* value, size_t length) {
  assert_int_equal(stave_pin_length(pin), length);
  assert_memory_equal(stave_pin_data(pin), value, length);
}

static void a_pin_survives_overwrite_delete_rotation_merge_close_and_release(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  enum { kSize = 5000 };
  char value[kSize];
  fill_bytes(value, kSize, 1);
  expect(STAVE_OK, stave_put(db, "k", 1, value, kSize, 0));
  stave_pin* pin = NULL;
  expect(STAVE_OK, stave_get_pinned(db, "k", 1, &pin));
  put_text(db, "k", "another");
  expect_pin(pin, value, kSize);
  delete_text(db, "k");
  expect_pin(pin, value, kSize);
  put_many(db, 300, 1000, 1);
  expect_pin(pin, value, kSize);
  for (int i = 0; i < 3; i++) {
    expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
    put_many(db, 300, 1000, 2);
    expect_pin(pin, value, kSize);
  }
  expect(STAVE_OK, stave_close(db));
  expect_pin(pin, value, kSize);
  stave_release(db);
  expect_pin(pin, value, kSize);
  stave_pin_destroy(pin);
}

static void a_thousand_pins_of_many_files_live_side_by_side(void** state) {
  stave_db* db = open_store(*state, "max_file_size", "64KiB", NULL);
  enum { kPins = 1000 };
  static stave_pin* pins[kPins];
  for (unsigned i = 0; i < kPins; i++) {
    char value[400];
    fill_bytes(value, sizeof value, i);
    expect(STAVE_OK, stave_put(db, "k", 1, value, sizeof value, 0));
    expect(STAVE_OK, stave_get_pinned(db, "k", 1, &pins[i]));
  }
  expect(STAVE_OK, stave_merge(db, STAVE_MERGE_UNCAPPED));
  close_store(db);
  for (unsigned i = 0; i < kPins; i++) {
    char value[400];
    fill_bytes(value, sizeof value, i);
    expect_pin(pins[i], value, sizeof value);
    stave_pin_destroy(pins[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(get_into_fills_what_fits_and_spills_what_does_not),
      CASE(get_into_takes_no_buffer_at_all),
      CASE(the_empty_value_fits_into_nothing),
      CASE(a_missing_key_clears_every_output),
      CASE(exists_follows_put_and_delete),
      CASE(a_pin_survives_overwrite_delete_rotation_merge_close_and_release),
      CASE(a_thousand_pins_of_many_files_live_side_by_side),
  };
  return cmocka_run_group_tests_name("read_forms", tests, NULL, NULL);
}
