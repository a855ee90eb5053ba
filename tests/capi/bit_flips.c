/* Every bit (in a slow build every third or eleventh) of a small sealed data file, of its hint and
 * of MANIFEST, flipped one at a time: a get gives the right value or STAVE_CORRUPT, never another
 * value and never a false absence. */
#include "harness.h"

enum { kKeys = 9 };
static const char* const kKey[kKeys] = {"a", "bb", "ccc", "d", "e", "f", "g", "h", "absent"};
/* The newest state; NULL: deleted or never put. */
static const char* const kValue[kKeys] = {"1", NULL, NULL, "four, new", "", "six", "7", "8", NULL};

static int write_history_and_die(void* argument) {
  const scratch* s = argument;
  stave_options* o = NULL;
  stave_db* db = NULL;
  stave_batch* b = NULL;
  int bad = stave_options_create(&o) || stave_options_set(o, "io", io_mode()) ||
            stave_options_set(o, "max_file_size", "64KiB") || stave_open(s->store, o, &db);
  if (bad) return 1;
  bad = stave_put(db, "a", 1, "1", 1, 0) || stave_put(db, "bb", 2, "two", 3, 0) ||
        stave_put(db, "ccc", 3, "three", 5, 0) || stave_put(db, "d", 1, "four", 4, 0) ||
        stave_put(db, "e", 1, "", 0, 0) || stave_delete(db, "bb", 2, 0);
  if (bad) return 2;
  bad = stave_batch_create(&b) || stave_batch_put(b, "f", 1, "six", 3) ||
        stave_batch_put(b, "g", 1, "7", 1) || stave_batch_delete(b, "ccc", 3) ||
        stave_batch_put(b, "h", 1, "8", 1) || stave_write(db, b, 0);
  if (bad) return 3;
  bad = stave_sync(db) || stave_put(db, "d", 1, "four, new", 9, 0) || stave_sync(db);
  return bad ? 4 : 0; /* no close: the next open seals the file as it is */
}

/* A store whose only records stand in one sealed file written by puts. */
static void build(const scratch* s, char* file, size_t cap, uint64_t* bytes) {
  assert_int_equal(in_child(write_history_and_die, (void*)(uintptr_t)s), 0);
  stave_db* db = open_store(s, "merge.policy", "never", "max_file_size", "64KiB", NULL);
  close_store(db);
  db = open_store(s, "read_only", "true", NULL);
  stave_files* files = NULL;
  expect(STAVE_OK, stave_files_create(db, &files));
  stave_file_info info;
  memset(&info, 0, sizeof info);
  info.size = sizeof info;
  expect(STAVE_OK, stave_files_at(files, 0, &info));
  assert_int_equal(info.state, STAVE_FILE_SEALED);
  assert_true(info.live_records == 6 && info.bytes > 64 && info.bytes < 2000);
  snprintf(file, cap, "%010llu.log", (unsigned long long)info.id);
  *bytes = info.bytes;
  stave_files_destroy(files);
  close_store(db);
}

/* How many gets are STAVE_CORRUPT; anything wrong fails. */
static unsigned check_gets(stave_db* db, uint64_t bit) {
  unsigned corrupt = 0;
  for (int i = 0; i < kKeys; i++) {
    void* own = NULL;
    size_t length = 0;
    int code = stave_get(db, kKey[i], strlen(kKey[i]), &own, &length);
    bool right = kValue[i] == NULL ? code == STAVE_NOT_FOUND
                                   : code == STAVE_OK && length == strlen(kValue[i]) &&
                                         memcmp(own, kValue[i], length) == 0;
    if (!right && code != STAVE_CORRUPT) {
      print_error("bit %llu, key %s: %s, %zu bytes, text %s\n", (unsigned long long)bit, kKey[i],
                  stave_status_name(code), length, stave_last_error());
      fail();
    }
    corrupt += !right;
    stave_free(own);
  }
  return corrupt;
}

static void check_iteration(stave_db* db, uint64_t bit) {
  stave_iter* it = NULL;
  int code = stave_iter_create(db, NULL, 0, &it);
  int i = 0;
  while (code == STAVE_OK && (code = stave_iter_next(it)) == STAVE_OK) {
    while (i < kKeys && kValue[i] == NULL) i++;
    assert_true(i < kKeys);
    size_t length = 0;
    const void* key = stave_iter_key(it, &length);
    assert_int_equal(length, strlen(kKey[i]));
    assert_memory_equal(key, kKey[i], length);
    const void* value = NULL;
    code = stave_iter_value(it, &value, &length);
    if (code != STAVE_OK) break;
    assert_int_equal(length, strlen(kValue[i]));
    if (length > 0) assert_memory_equal(value, kValue[i], length);
    i++;
  }
  while (code == STAVE_DONE && i < kKeys && kValue[i] == NULL) i++;
  bool right = code == STAVE_CORRUPT || (code == STAVE_DONE && i == kKeys);
  if (!right) {
    print_error("bit %llu: iteration ended with %s after entry %d\n", (unsigned long long)bit,
                stave_status_name(code), i);
  }
  assert_true(right);
  stave_iter_destroy(it);
}

/* Opens the damaged store and checks it. Returns the code of the open. */
static int check_store(const char* dir, uint64_t bit, const char* read_only, unsigned* corrupt,
                       int* verified) {
  stave_db* db = NULL;
  int code = open_at(dir, &db, "read_only", read_only, "merge.policy", "never", NULL);
  if (code != STAVE_OK) {
    assert_null(db);
    assert_true(stave_last_error()[0] != '\0');
    return code;
  }
  *corrupt = check_gets(db, bit);
  check_iteration(db, bit);
  stave_verify_report report;
  memset(&report, 0, sizeof report);
  report.size = sizeof report;
  *verified = stave_verify(db, &report);
  close_store(db);
  return STAVE_OK;
}

/* Slow builds flip a share of the bits, at all places in a byte. */
static uint64_t stride(void) {
  return (100 / (test_scaled(100) < 100 ? test_scaled(100) : 100)) | 1;
}

static bool version_bit(uint64_t bit) { return bit >= 64 && bit < 96; }

/* Read-only for every bit, for writing on a copy for about every 16th. */
static void flip_every_bit_of_data(const scratch* s, bool derived) {
  char file[64];
  uint64_t bytes = 0;
  build(s, file, sizeof file, &bytes);
  if (!derived) {
    file_names hints = files_ending(s->store, ".hint");
    for (size_t i = 0; i < hints.count; i++) remove_file(s->store, hints.name[i]);
    if (file_exists(s->store, "KEYDIR")) remove_file(s->store, "KEYDIR");
  }
  char copy[200];
  snprintf(copy, sizeof copy, "%s/copy", s->dir);
  for (uint64_t bit = 0; bit < bytes * 8; bit += stride()) {
    unsigned corrupt = 0;
    int verified = STAVE_OK;
    flip_bit(s->store, file, bit);
    int code = check_store(s->store, bit, "true", &corrupt, &verified);
    if (bit % 16 == 5) {
      unsigned ignored = 0;
      copy_store(s->store, copy);
      int writable = check_store(copy, bit, "false", &ignored, &verified);
      assert_int_equal(writable, code);
    }
    flip_bit(s->store, file, bit);
    if (code == STAVE_OK) {
      if (verified != STAVE_CORRUPT) print_error("bit %llu\n", (unsigned long long)bit);
      assert_int_equal(verified, STAVE_CORRUPT);
      assert_true(corrupt <= 1); /* a bad record takes no other with it */
    } else {
      assert_true(code == STAVE_CORRUPT || (code == STAVE_UNSUPPORTED && version_bit(bit)));
    }
  }
  unsigned corrupt = 0;
  int verified = STAVE_CORRUPT;
  assert_int_equal(check_store(s->store, 0, "true", &corrupt, &verified), STAVE_OK);
  assert_int_equal(verified, STAVE_OK);
  assert_int_equal(corrupt, 0);
}

static void in_a_sealed_data_file_with_its_hint(void** state) {
  flip_every_bit_of_data(*state, true);
}

static void in_a_sealed_data_file_without_a_hint(void** state) {
  flip_every_bit_of_data(*state, false);
}

static void in_the_hint_file_harms_nothing(void** state) {
  scratch* s = *state;
  char file[64];
  uint64_t bytes = 0;
  build(s, file, sizeof file, &bytes);
  if (file_exists(s->store, "KEYDIR")) remove_file(s->store, "KEYDIR");
  file_names hints = files_ending(s->store, ".hint");
  assert_int_equal(hints.count, 1);
  size_t length = 0;
  free(read_whole(s->store, hints.name[0], &length));
  for (uint64_t bit = 0; bit < length * 8; bit += stride()) {
    unsigned corrupt = 0;
    int verified = STAVE_OK;
    flip_bit(s->store, hints.name[0], bit);
    int code = check_store(s->store, bit, "true", &corrupt, &verified);
    flip_bit(s->store, hints.name[0], bit);
    if (code != STAVE_OK || corrupt != 0) {
      print_error("bit %llu: %s\n", (unsigned long long)bit, stave_last_error());
    }
    assert_int_equal(code, STAVE_OK);
    assert_int_equal(corrupt, 0);
  }
}

static void in_the_manifest_is_always_noticed(void** state) {
  scratch* s = *state;
  char file[64];
  uint64_t bytes = 0;
  build(s, file, sizeof file, &bytes);
  size_t length = 0;
  free(read_whole(s->store, "MANIFEST", &length));
  for (uint64_t bit = 0; bit < length * 8; bit += stride()) {
    unsigned corrupt = 0;
    int verified = STAVE_OK;
    flip_bit(s->store, "MANIFEST", bit);
    int code = check_store(s->store, bit, "true", &corrupt, &verified);
    flip_bit(s->store, "MANIFEST", bit);
    if (code != STAVE_CORRUPT && code != STAVE_UNSUPPORTED) {
      print_error("bit %llu: %s\n", (unsigned long long)bit, stave_status_name(code));
      fail();
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(in_a_sealed_data_file_with_its_hint),
      CASE(in_a_sealed_data_file_without_a_hint),
      CASE(in_the_hint_file_harms_nothing),
      CASE(in_the_manifest_is_always_noticed),
  };
  return cmocka_run_group_tests_name("bit_flips", tests, NULL, NULL);
}
