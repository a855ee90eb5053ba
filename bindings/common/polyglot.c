/* Writes what programs of all languages can read, and reads what they wrote.
 *
 *   usage: polyglot write DIR LANG | hold DIR LANG | read DIR | watch DIR
 *
 * `hold` writes again and again until there is a file DIR.stop, and says `open` after the first
 * time.
 *
 * Keys are LANG, a NUL, a number below 200 in four bytes, the highest first, and 1500 bytes of 255
 * where it is divisible by 7. The value is the key's SHA-256, number modulo 5 times. Numbers that
 * end in 9 are deleted again. */
#include <sodium.h>
#include <stave/stave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  numbers = 200,
  kept = 180,
  tail_length = 1500,
  name_most = 64,
  sum_length = crypto_hash_sha256_BYTES
};

typedef struct bytes {
  size_t length;
  unsigned char data[name_most + 5 + tail_length];
} bytes;

static const char* dir;

static void wrong(const char* name, const char* what, long number) {
  fprintf(stderr, "polyglot: %s: %s%s", dir, name, what);
  if (number >= 0) fprintf(stderr, " (number %ld)", number);
  fputc('\n', stderr);
  exit(1);
}

static void must(int status) {
  if (status != STAVE_OK) wrong(stave_last_error(), "", -1);
}

static void make_key(const char* name, uint32_t number, bytes* key) {
  size_t length = strlen(name);
  memcpy(key->data, name, length + 1);
  key->data[length + 1] = (unsigned char)(number >> 24);
  key->data[length + 2] = (unsigned char)(number >> 16);
  key->data[length + 3] = (unsigned char)(number >> 8);
  key->data[length + 4] = (unsigned char)number;
  key->length = length + 5;
  if (number % 7 != 0) return;
  memset(key->data + key->length, 0xff, tail_length);
  key->length += tail_length;
}

static void make_value(const bytes* key, uint32_t number, bytes* value) {
  value->length = 0;
  for (uint32_t i = 0; i < number % 5; i++) {
    crypto_hash_sha256(value->data + value->length, key->data, key->length);
    value->length += sum_length;
  }
}

static void write_all(stave_db* db, const char* name) {
  bytes key, value;
  if (strlen(name) > name_most) wrong(name, " is too long a name", -1);
  for (uint32_t i = 0; i < numbers; i++) {
    make_key(name, i, &key);
    make_value(&key, i, &value);
    must(stave_put(db, key.data, key.length, value.data, value.length, 0));
  }
  for (uint32_t i = 9; i < numbers; i += 10) {
    make_key(name, i, &key);
    must(stave_delete(db, key.data, key.length, 0));
  }
}

static int stopped(void) {
  char name[4096];
  FILE* file;
  snprintf(name, sizeof name, "%s.stop", dir);
  file = fopen(name, "r");
  if (file != NULL) fclose(file);
  return file != NULL;
}

static void hold(stave_db* db, const char* name) {
  write_all(db, name);
  puts("open");
  fflush(stdout);
  while (!stopped()) write_all(db, name);
}

static int same(const bytes* expected, const void* data, size_t length) {
  return expected->length == length && memcmp(expected->data, data, length) == 0;
}

/* `name` receives the language of an entry that is as it should be. */
static void check(const unsigned char* key, size_t key_length, const void* value,
                  size_t value_length, char* name) {
  bytes expected, sums;
  uint32_t number = 0;
  size_t length = 0;
  while (length < key_length && key[length] > ' ' && key[length] <= '~') length++;
  if (length == 0 || length > name_most || key_length < length + 5) {
    wrong("", "a key without language and number", -1);
  }
  memcpy(name, key, length);
  name[length] = 0;
  for (size_t i = 1; i <= 4; i++) number = number << 8 | key[length + i];
  if (number >= numbers || number % 10 == 9) wrong(name, ": a key that should not be", number);
  make_key(name, number, &expected);
  if (!same(&expected, key, key_length)) wrong(name, ": another key", number);
  make_value(&expected, number, &sums);
  if (!same(&sums, value, value_length)) wrong(name, ": another value", number);
}

static void check_order(bytes* last, const unsigned char* key, size_t length) {
  int order = memcmp(last->data, key, last->length < length ? last->length : length);
  if (order > 0 || (order == 0 && last->length >= length)) wrong("", "a key is out of order", -1);
  memcpy(last->data, key, length);
  last->length = length;
}

/* All keys of a language stand together, since they begin with it and a NUL; and languages are in
 * the order of their names but where one begins with another, which the NUL puts right. */
static void read_all(stave_db* db) {
  stave_iter* iter = NULL;
  bytes last = {0, {0}};
  char name[name_most + 1], present[name_most + 1] = "";
  long count = 0;
  int status;
  must(stave_iter_open(db, NULL, &iter));
  for (;;) {
    size_t key_length = 0, value_length = 0;
    const void* value = NULL;
    const unsigned char* key;
    status = stave_iter_next(iter);
    if (status == STAVE_OK) {
      key = stave_iter_key(iter, &key_length);
      must(stave_iter_value(iter, &value, &value_length));
      check(key, key_length, value, value_length, name);
      check_order(&last, key, key_length);
    }
    if (present[0] != 0 && (status != STAVE_OK || strcmp(name, present) != 0)) {
      if (count != kept) wrong(present, ": not 180 keys", count);
      printf("%s %ld\n", present, count);
      count = 0;
    }
    if (status != STAVE_OK) break;
    strcpy(present, name);
    count++;
  }
  if (status != STAVE_DONE) must(status);
  stave_iter_destroy(iter);
}

static void count_all(stave_db* db) {
  stave_iter_options options;
  stave_iter* iter = NULL;
  long count = 0;
  int status;
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.flags = STAVE_ITER_KEYS_ONLY;
  must(stave_iter_open(db, &options, &iter));
  while ((status = stave_iter_next(iter)) == STAVE_OK) count++;
  if (status != STAVE_DONE) must(status);
  stave_iter_destroy(iter);
  printf("%ld\n", count);
}

int main(int argc, char** argv) {
  const char* verb = argc > 1 ? argv[1] : "";
  int holds = strcmp(verb, "hold") == 0;
  int writes = holds || strcmp(verb, "write") == 0;
  int reads = strcmp(verb, "read") == 0;
  stave_options* options = NULL;
  stave_db* db = NULL;
  if (argc != (writes ? 4 : 3) || !(writes || reads || strcmp(verb, "watch") == 0)) {
    fprintf(stderr, "usage: %s write DIR LANG | hold DIR LANG | read DIR | watch DIR\n", argv[0]);
    return 2;
  }
  dir = argv[2];
  must(stave_options_create(&options));
  if (!writes) must(stave_options_set(options, "read_only", "true"));
  must(stave_open(dir, options, &db));
  stave_options_destroy(options);
  if (holds) {
    hold(db, argv[3]);
  } else if (writes) {
    write_all(db, argv[3]);
  } else if (reads) {
    read_all(db);
  } else {
    count_all(db);
  }
  must(stave_close(db));
  stave_release(db);
  return 0;
}
