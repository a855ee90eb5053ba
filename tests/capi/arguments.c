/* Wrong arguments: each is refused with its own code, and every out-parameter is set. */
#include "harness.h"

#define GARBAGE ((void*)state)

static void options_calls_refuse_null(void** state) {
  (void)state;
  expect(STAVE_NULL_ARGUMENT, stave_options_create(NULL));
  stave_options* o = options_with(NULL);
  char text[64];
  size_t length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_options_set(NULL, "io", "mapped"));
  expect(STAVE_NULL_ARGUMENT, stave_options_set(o, NULL, "mapped"));
  expect(STAVE_NULL_ARGUMENT, stave_options_set(o, "io", NULL));
  expect(STAVE_NULL_ARGUMENT, stave_options_get(NULL, "io", text, sizeof text, &length));
  assert_int_equal(length, 0);
  length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_options_get(o, NULL, text, sizeof text, &length));
  assert_int_equal(length, 0);
  length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_options_get(o, "io", NULL, 1, &length));
  expect(STAVE_NULL_ARGUMENT, stave_options_get(o, "io", text, sizeof text, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_option_at(0, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_options_set_log_callback(NULL, NULL, NULL));
  expect(STAVE_OK, stave_options_set_log_callback(o, NULL, NULL)); /* none, the default */
  stave_options_destroy(o);
}

static void open_refuses_null(void** state) {
  scratch* s = *state;
  stave_db* db = GARBAGE;
  expect(STAVE_NULL_ARGUMENT, stave_open(NULL, NULL, &db));
  assert_null(db);
  expect(STAVE_NULL_ARGUMENT, stave_open(s->store, NULL, NULL));
  assert_false(file_exists(s->dir, "store"));
  db = GARBAGE;
  expect(STAVE_INVALID_ARGUMENT, stave_open("", NULL, &db));
  assert_null(db);
}

static void every_call_refuses_a_null_store(void** state) {
  (void)state;
  const char* wrong = first_call_not_returning(STAVE_NULL_ARGUMENT, NULL);
  if (wrong != NULL) print_error("%s\n", wrong);
  assert_null(wrong);
}

static void writes_refuse_null(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_NULL_ARGUMENT, stave_put(db, NULL, 1, "v", 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_put(db, "k", 1, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_delete(db, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_write(db, NULL, 0));
  assert_int_equal(stats_of(db).keys, 0);
  close_store(db);
}

static void batch_calls_refuse_null(void** state) {
  (void)state;
  expect(STAVE_NULL_ARGUMENT, stave_batch_create(NULL));
  expect(STAVE_NULL_ARGUMENT, stave_batch_put(NULL, "k", 1, "v", 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_delete(NULL, "k", 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_clear(NULL));
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  expect(STAVE_NULL_ARGUMENT, stave_batch_put(batch, NULL, 1, "v", 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_put(batch, "k", 1, NULL, 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_delete(batch, NULL, 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_put_until(NULL, "k", 1, "v", 1, 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_require_absent(NULL, "k", 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_require_present(batch, NULL, 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_require_version(NULL, "k", 1, 1));
  expect(STAVE_NULL_ARGUMENT, stave_batch_require_value(batch, "k", 1, NULL, 1));
  assert_int_equal(stave_batch_count(batch), 0);
  stave_batch_destroy(batch);
}

static void reads_refuse_null(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  void* own = GARBAGE;
  size_t length = 99;
  char buffer[4];
  expect(STAVE_NULL_ARGUMENT, stave_get(db, NULL, 1, &own, &length));
  assert_true(own == NULL && length == 0);
  length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_get(db, "k", 1, NULL, &length));
  assert_int_equal(length, 0);
  own = GARBAGE;
  expect(STAVE_NULL_ARGUMENT, stave_get(db, "k", 1, &own, NULL));
  assert_null(own);
  length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_get_into(db, "k", 1, NULL, 4, &length, &own));
  assert_true(own == NULL && length == 0);
  own = GARBAGE;
  expect(STAVE_NULL_ARGUMENT, stave_get_into(db, "k", 1, buffer, 4, NULL, &own));
  assert_null(own);
  length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_get_into(db, "k", 1, buffer, 4, &length, NULL));
  assert_int_equal(length, 0);
  stave_pin* pin = GARBAGE;
  expect(STAVE_NULL_ARGUMENT, stave_get_pinned(db, NULL, 1, &pin));
  assert_null(pin);
  expect(STAVE_NULL_ARGUMENT, stave_get_pinned(db, "k", 1, NULL));
  int exists = 99;
  expect(STAVE_NULL_ARGUMENT, stave_exists(db, NULL, 1, &exists));
  assert_int_equal(exists, 0);
  expect(STAVE_NULL_ARGUMENT, stave_exists(db, "k", 1, NULL));
  close_store(db);
}

static void entry_calls_refuse_null(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  stave_entry entry = {.size = sizeof entry};
  void* own = GARBAGE;
  size_t length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_get_entry(db, "k", 1, NULL, &own, &length));
  assert_true(own == NULL && length == 0);
  expect(STAVE_NULL_ARGUMENT, stave_get_entry(db, NULL, 1, &entry, NULL, NULL));
  own = GARBAGE;
  expect(STAVE_NULL_ARGUMENT, stave_get_entry(db, "k", 1, &entry, &own, NULL));
  assert_true(own == NULL && entry.version == 0);
  expect(STAVE_OK, stave_get_entry(db, "k", 1, &entry, NULL, NULL));
  assert_int_equal(entry.value_length, 1);
  expect(STAVE_NULL_ARGUMENT, stave_ttl(db, "k", 1, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_put_until(db, "k", 1, NULL, 1, 0, 0));
  expect(STAVE_NULL_ARGUMENT, stave_put_ttl(db, NULL, 1, "v", 1, 1, 0));
  close_store(db);
}

static void updates_refuse_null(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  void* own = GARBAGE;
  size_t length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_put_if_absent(db, "n", 1, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_compare_and_set(db, "k", 1, NULL, 1, "w", 1, 0));
  expect_text("expected");
  expect(STAVE_NULL_ARGUMENT, stave_compare_and_set(db, "k", 1, "v", 1, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_delete_if_value(db, "k", 1, NULL, 1, 0));
  expect(STAVE_NULL_ARGUMENT, stave_get_and_set(db, "k", 1, "w", 1, 0, NULL, &length));
  assert_int_equal(length, 0);
  expect(STAVE_NULL_ARGUMENT, stave_get_and_set(db, "k", 1, "w", 1, 0, &own, NULL));
  assert_null(own);
  expect(STAVE_NULL_ARGUMENT, stave_get_and_delete(db, "k", 1, 0, NULL, &length));
  expect(STAVE_NULL_ARGUMENT, stave_get_and_delete(db, "k", 1, 0, &own, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_append(db, "k", 1, NULL, 1, 0, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_increment(db, NULL, 1, 1, 0, NULL));
  expect_holds(db, "k", "v");
  expect_missing(db, "n");
  close_store(db);
}

static void iterator_calls_refuse_null(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_iter* it = GARBAGE;
  expect(STAVE_NULL_ARGUMENT, stave_iter_create(db, NULL, 1, &it));
  assert_null(it);
  expect(STAVE_NULL_ARGUMENT, stave_iter_create(db, NULL, 0, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_iter_next(NULL));
  size_t length = 99;
  assert_null(stave_iter_key(NULL, &length));
  assert_int_equal(length, 0);
  const void* value = GARBAGE;
  length = 99;
  expect(STAVE_NULL_ARGUMENT, stave_iter_value(NULL, &value, &length));
  assert_true(value == NULL && length == 0);
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  expect(STAVE_NULL_ARGUMENT, stave_iter_value(it, NULL, &length));
  expect(STAVE_NULL_ARGUMENT, stave_iter_value(it, &value, NULL));
  assert_null(value);
  stave_iter_destroy(it);
  close_store(db);
}

static void an_iterator_without_an_entry_has_no_value(void** state) {
  stave_db* db = open_store(*state, NULL);
  put_text(db, "k", "v");
  stave_iter* it = NULL;
  expect(STAVE_OK, stave_iter_create(db, NULL, 0, &it));
  const int steps[] = {STAVE_OK, STAVE_DONE};
  for (size_t i = 0; i <= sizeof steps / sizeof *steps; i++) {
    const void* value = GARBAGE;
    size_t length = 99;
    if (i == 1) {
      expect(STAVE_OK, stave_iter_value(it, &value, &length));
    } else {
      expect(STAVE_INVALID_ARGUMENT, stave_iter_value(it, &value, &length));
      assert_true(value == NULL && length == 0);
      assert_null(stave_iter_key(it, &length));
    }
    if (i < sizeof steps / sizeof *steps) expect(steps[i], stave_iter_next(it));
  }
  stave_iter_destroy(it);
  close_store(db);
}

static void reports_refuse_null(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_NULL_ARGUMENT, stave_get_stats(db, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_files_create(db, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_next_log_event(db, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_get_progress(db, NULL));
  expect(STAVE_NULL_ARGUMENT, stave_verify(db, NULL));
  stave_file_info info;
  memset(&info, 0x5a, sizeof info);
  info.size = sizeof info;
  expect(STAVE_NULL_ARGUMENT, stave_files_at(NULL, 0, &info));
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  expect(STAVE_NULL_ARGUMENT, stave_files_at(files, 0, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_files_at(files, stave_files_count(files), &info));
  assert_int_equal(info.bytes, 0);
  stave_files_destroy(files);
  close_store(db);
}

static void a_struct_without_its_size_is_refused(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_stats stats;
  memset(&stats, 0, sizeof stats);
  expect(STAVE_INVALID_ARGUMENT, stave_get_stats(db, &stats));
  stave_verify_report report;
  memset(&report, 0, sizeof report);
  expect(STAVE_INVALID_ARGUMENT, stave_verify(db, &report));
  stave_option_info info;
  memset(&info, 0, sizeof info);
  expect(STAVE_INVALID_ARGUMENT, stave_option_at(0, &info));
  stave_entry entry;
  memset(&entry, 0, sizeof entry);
  expect(STAVE_INVALID_ARGUMENT, stave_get_entry(db, "k", 1, &entry, NULL, NULL));
  close_store(db);
}

static void empty_and_oversize_keys_are_refused_by_every_call(void** state) {
  stave_db* db = open_store(*state, NULL);
  static char key[STAVE_KEY_SIZE_MAX + 1];
  const struct {
    size_t length;
    int code;
  } wrong[] = {
      {0, STAVE_EMPTY_KEY}, {sizeof key, STAVE_KEY_TOO_LARGE}, {SIZE_MAX, STAVE_KEY_TOO_LARGE}};
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  for (size_t i = 0; i < 3; i++) {
    void* own = NULL;
    size_t length = 0;
    int exists = 0;
    char buffer[4];
    stave_pin* pin = NULL;
    size_t n = wrong[i].length;
    expect(wrong[i].code, stave_put(db, key, n, "v", 1, 0));
    expect(wrong[i].code, stave_delete(db, key, n, 0));
    expect(wrong[i].code, stave_get(db, key, n, &own, &length));
    expect(wrong[i].code, stave_get_into(db, key, n, buffer, 4, &length, &own));
    expect(wrong[i].code, stave_get_pinned(db, key, n, &pin));
    expect(wrong[i].code, stave_exists(db, key, n, &exists));
    stave_entry entry = {.size = sizeof entry};
    int64_t ttl = 0;
    expect(wrong[i].code, stave_get_entry(db, key, n, &entry, NULL, NULL));
    expect(wrong[i].code, stave_ttl(db, key, n, &ttl));
    expect(wrong[i].code, stave_put_until(db, key, n, "v", 1, 0, 0));
    expect(wrong[i].code, stave_put_ttl(db, key, n, "v", 1, 1, 0));
    expect(wrong[i].code, stave_touch(db, key, n, 1, 0));
    expect(wrong[i].code, stave_persist(db, key, n, 0));
    expect(wrong[i].code, stave_put_if_absent(db, key, n, "v", 1, 0));
    expect(wrong[i].code, stave_compare_and_set(db, key, n, "v", 1, "w", 1, 0));
    expect(wrong[i].code, stave_put_if_version(db, key, n, 0, "v", 1, 0, NULL));
    expect(wrong[i].code, stave_delete_if_value(db, key, n, "v", 1, 0));
    expect(wrong[i].code, stave_delete_if_version(db, key, n, 1, 0));
    expect(wrong[i].code, stave_get_and_set(db, key, n, "v", 1, 0, &own, &length));
    expect(wrong[i].code, stave_get_and_delete(db, key, n, 0, &own, &length));
    expect(wrong[i].code, stave_increment(db, key, n, 1, 0, NULL));
    expect(wrong[i].code, stave_append(db, key, n, "v", 1, 0, NULL));
    expect(wrong[i].code, stave_batch_put_until(batch, key, n, "v", 1, 1));
    expect(wrong[i].code, stave_batch_require_present(batch, key, n));
    expect(wrong[i].code, stave_batch_put(batch, key, n, "v", 1));
    expect(wrong[i].code, stave_batch_delete(batch, key, n));
  }
  expect(STAVE_EMPTY_KEY, stave_put(db, NULL, 0, "v", 1, 0));
  assert_int_equal(stave_batch_count(batch), 0);
  stave_batch_destroy(batch);
  assert_int_equal(stats_of(db).keys, 0);
  close_store(db);
}

static void an_oversize_value_is_refused_before_a_byte_of_it_is_read(void** state) {
  stave_db* db = open_store(*state, NULL);
  stave_batch* batch = NULL;
  expect(STAVE_OK, stave_batch_create(&batch));
  const size_t lengths[] = {(size_t)STAVE_VALUE_SIZE_MAX + 1, UINT32_MAX, SIZE_MAX - 7, SIZE_MAX};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    expect(STAVE_VALUE_TOO_LARGE, stave_put(db, "k", 1, "v", lengths[i], 0));
    expect(STAVE_VALUE_TOO_LARGE, stave_batch_put(batch, "k", 1, "v", lengths[i]));
    expect(STAVE_VALUE_TOO_LARGE, stave_put_ttl(db, "k", 1, "v", lengths[i], 1, 0));
    expect(STAVE_VALUE_TOO_LARGE, stave_put_if_absent(db, "k", 1, "v", lengths[i], 0));
    expect(STAVE_VALUE_TOO_LARGE, stave_append(db, "k", 1, "v", lengths[i], 0, NULL));
  }
  assert_int_equal(stave_batch_count(batch), 0);
  stave_batch_destroy(batch);
  expect_missing(db, "k");
  close_store(db);
}

static void unknown_flags_are_refused(void** state) {
  stave_db* db = open_store(*state, NULL);
  expect(STAVE_INVALID_ARGUMENT, stave_put(db, "k", 1, "v", 1, 1u << 30));
  expect(STAVE_INVALID_ARGUMENT, stave_delete(db, "k", 1, 1u << 30));
  expect(STAVE_INVALID_ARGUMENT, stave_put_until(db, "k", 1, "v", 1, 0, 1u << 30));
  expect(STAVE_INVALID_ARGUMENT, stave_put_if_absent(db, "k", 1, "v", 1, 1u << 30));
  expect(STAVE_INVALID_ARGUMENT, stave_increment(db, "k", 1, 1, 1u << 30, NULL));
  expect(STAVE_INVALID_ARGUMENT, stave_merge(db, 1u << 30));
  expect(STAVE_INVALID_ARGUMENT,
         stave_put(db, "k", 1, "v", 1, STAVE_WRITE_SYNC | STAVE_WRITE_NO_SYNC));
  expect_missing(db, "k");
  close_store(db);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(options_calls_refuse_null),
      CASE(open_refuses_null),
      CASE(every_call_refuses_a_null_store),
      CASE(writes_refuse_null),
      CASE(batch_calls_refuse_null),
      CASE(reads_refuse_null),
      CASE(entry_calls_refuse_null),
      CASE(updates_refuse_null),
      CASE(iterator_calls_refuse_null),
      CASE(an_iterator_without_an_entry_has_no_value),
      CASE(reports_refuse_null),
      CASE(a_struct_without_its_size_is_refused),
      CASE(empty_and_oversize_keys_are_refused_by_every_call),
      CASE(an_oversize_value_is_refused_before_a_byte_of_it_is_read),
      CASE(unknown_flags_are_refused),
  };
  return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
