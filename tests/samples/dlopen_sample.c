/* Uses stave without linking it: the library is opened at run time and its functions are
 * looked up by name, as a plug-in host or another language's runtime does.
 *   cc dlopen_sample.c -ldl && ./a.out DIRECTORY [LIBRARY [KEY...]]
 * With keys it prints their values; without, it stores three records and lists them. */
#include <dlfcn.h>
#include <stave/stave.h> /* types and constants only */
#include <stdio.h>
#include <string.h>

/* One pointer per function that we use, of the type that stave.h declares. */
static struct {
  __typeof__(stave_open)* open;
  __typeof__(stave_close)* close;
  __typeof__(stave_release)* release;
  __typeof__(stave_put)* put;
  __typeof__(stave_get)* get;
  __typeof__(stave_free)* free;
  __typeof__(stave_iter_create)* iter_create;
  __typeof__(stave_iter_next)* iter_next;
  __typeof__(stave_iter_key)* iter_key;
  __typeof__(stave_iter_value)* iter_value;
  __typeof__(stave_iter_destroy)* iter_destroy;
  __typeof__(stave_last_error)* last_error;
} stave;

static int load(const char* library_name) {
  static const struct {
    const char* name;
    void* slot;
  } wanted[] = {
      {"stave_open", &stave.open},
      {"stave_close", &stave.close},
      {"stave_release", &stave.release},
      {"stave_put", &stave.put},
      {"stave_get", &stave.get},
      {"stave_free", &stave.free},
      {"stave_iter_create", &stave.iter_create},
      {"stave_iter_next", &stave.iter_next},
      {"stave_iter_key", &stave.iter_key},
      {"stave_iter_value", &stave.iter_value},
      {"stave_iter_destroy", &stave.iter_destroy},
      {"stave_last_error", &stave.last_error},
  };
  void* library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return fprintf(stderr, "%s\n", dlerror()), 0;
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; ++i) {
    void* symbol = dlsym(library, wanted[i].name);
    if (symbol == NULL) return fprintf(stderr, "%s\n", dlerror()), 0;
    memcpy(wanted[i].slot, &symbol, sizeof symbol); /* C has no cast from void* to function */
  }
  return 1;
}

static int print_values(stave_db* db, char** keys) {
  int status = STAVE_OK;
  for (; *keys != NULL && status == STAVE_OK; ++keys) {
    void* value;
    size_t length;
    status = stave.get(db, *keys, strlen(*keys), &value, &length);
    if (status == STAVE_OK) printf("%s = %.*s\n", *keys, (int)length, (const char*)value);
    stave.free(value);
  }
  return status;
}

static int fill_and_list(stave_db* db) {
  stave_iter* iter;
  int status = stave.put(db, "cherry", 6, "dark red", 8, 0);
  if (status == STAVE_OK) status = stave.put(db, "apple", 5, "red", 3, 0);
  if (status == STAVE_OK) status = stave.put(db, "banana", 6, "yellow", 6, 0);
  if (status == STAVE_OK) status = stave.iter_create(db, NULL, 0, &iter);
  if (status != STAVE_OK) return status;
  while ((status = stave.iter_next(iter)) == STAVE_OK) {
    size_t key_length, value_length;
    const void* value;
    const void* key = stave.iter_key(iter, &key_length);
    if ((status = stave.iter_value(iter, &value, &value_length)) != STAVE_OK) break;
    printf("%.*s = %.*s\n", (int)key_length, (const char*)key, (int)value_length,
           (const char*)value);
  }
  stave.iter_destroy(iter);
  return status == STAVE_DONE ? STAVE_OK : status;
}

int main(int argc, char** argv) {
  stave_db* db;
  int status;
  if (argc < 2) return fprintf(stderr, "usage: %s DIRECTORY [LIBRARY [KEY...]]\n", argv[0]), 2;
  if (!load(argc > 2 ? argv[2] : "libstave.so.0")) return 1;
  status = stave.open(argv[1], NULL, &db);
  if (status == STAVE_OK) status = argc > 3 ? print_values(db, argv + 3) : fill_and_list(db);
  if (status == STAVE_OK) status = stave.close(db);
  if (status != STAVE_OK) fprintf(stderr, "%s\n", stave.last_error());
  stave.release(db);
  return status != STAVE_OK;
}
