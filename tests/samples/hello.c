#include <stave/stave.h>
#include <stdio.h>

int main(void) {
  stave_db* db;
  void* value;
  size_t length;
  int status = stave_open("hello.store", NULL, &db);
  if (status == STAVE_OK) status = stave_put(db, "greeting", 8, "hello, world", 12, 0);
  if (status == STAVE_OK) status = stave_get(db, "greeting", 8, &value, &length);
  if (status != STAVE_OK) return fprintf(stderr, "%s\n", stave_last_error()), 1;
  printf("%.*s\n", (int)length, (const char*)value);
  stave_free(value);
  status = stave_close(db);
  stave_release(db);
  return status;
}
