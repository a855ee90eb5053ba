/* Stores three records, reads them back in key order. Linked with libstave:
 *   cc linked_sample.c $(pkg-config --cflags --libs stave) && ./a.out DIRECTORY */
#include <stave/stave.h>
#include <stdio.h>
#include <string.h>

static int fill(stave_db* db) {
  static const char* const fruit[][2] = {
      {"cherry", "dark red"}, {"apple", "red"}, {"banana", "yellow"}, {"damson", "purple"}};
  int status = STAVE_OK;
  for (size_t i = 0; i < sizeof fruit / sizeof fruit[0] && status == STAVE_OK; ++i) {
    const char* key = fruit[i][0];
    const char* value = fruit[i][1];
    status = stave_put(db, key, strlen(key), value, strlen(value), 0);
  }
  return status == STAVE_OK ? stave_delete(db, "damson", 6, STAVE_WRITE_SYNC) : status;
}

static int list(stave_db* db) {
  stave_iter* iter;
  int status = stave_iter_create(db, NULL, 0, &iter);
  while (status == STAVE_OK && (status = stave_iter_next(iter)) == STAVE_OK) {
    size_t key_length, value_length;
    const void* value;
    const void* key = stave_iter_key(iter, &key_length);
    status = stave_iter_value(iter, &value, &value_length);
    if (status == STAVE_OK)
      printf("%.*s = %.*s\n", (int)key_length, (const char*)key, (int)value_length,
             (const char*)value);
  }
  stave_iter_destroy(iter);
  return status == STAVE_DONE ? STAVE_OK : status;
}

int main(int argc, char** argv) {
  stave_db* db;
  int status;
  if (argc != 2) return fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]), 2;
  status = stave_open(argv[1], NULL, &db);
  if (status == STAVE_OK) status = fill(db);
  if (status == STAVE_OK) status = list(db);
  if (status == STAVE_OK) status = stave_close(db);
  if (status != STAVE_OK) fprintf(stderr, "%s\n", stave_last_error());
  stave_release(db);
  return status != STAVE_OK;
}
