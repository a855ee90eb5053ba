/* What every test of the C API starts from: a scratch directory that is removed afterwards, a
 * store in it, checks that print the library's own text, and files to damage.
 *
 * The I/O mode comes from STAVE_TEST_IO (mapped | positional; ctest runs every file of tests
 * once for each). Random tests take STAVE_TEST_SEED and STAVE_TEST_SCALE (percent).
 * The checks fail by longjmp: only the thread that runs the test may use them. */
#ifndef STAVE_TESTS_CAPI_HARNESS_H
#define STAVE_TESTS_CAPI_HARNESS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stave/stave.h"
#include "support/cmocka.h"

typedef struct scratch {
  char dir[128];   /* exists, empty at first */
  char store[160]; /* dir/store: does not exist at first */
  size_t alive;    /* handles at setup: 0 unless an earlier case failed */
} scratch;

/* As setup and teardown of a case; teardown also demands that no handle is left over. */
int scratch_setup(void** state);
int scratch_teardown(void** state);
#define CASE(function) cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

/* expect(STAVE_OK, stave_put(...)): the code, and a text whenever it is not STAVE_OK. */
#define expect(code, call) expect_code(code, call, #call, __FILE__, __LINE__)
void expect_code(int expected, int got, const char* call, const char* file, int line);
/* The text of the last failure must contain `part`. */
#define expect_text(part) expect_text_at(part, __FILE__, __LINE__)
void expect_text_at(const char* part, const char* file, int line);

/* Options with the run's I/O mode, then name, value, name, value, ..., NULL. */
const char* io_mode(void);
stave_options* options_with(const char* name, ...);
int open_at(const char* dir, stave_db** out, const char* name, ...);
/* Opens the scratch store with those options, which must succeed. */
stave_db* open_store(const scratch* s, const char* name, ...);
/* Closes, which must succeed, and releases. */
void close_store(stave_db* db);

/* Texts as keys and values. */
void put_text(stave_db* db, const char* key, const char* value);
void delete_text(stave_db* db, const char* key);
void expect_holds(stave_db* db, const char* key, const char* value);
void expect_missing(stave_db* db, const char* key);
void expect_bytes(stave_db* db, const void* key, size_t key_length, const void* value,
                  size_t value_length);
uint64_t count_keys(stave_db* db); /* by iterating */
stave_stats stats_of(stave_db* db);
/* Takes all queued log events; how many name `part`. */
unsigned events_naming(stave_db* db, const char* part);
/* Puts key-0000..key-<n-1>, each with a value of `size` bytes made from (i, round). */
void put_many(stave_db* db, unsigned n, size_t size, unsigned round);
void expect_many(stave_db* db, unsigned n, size_t size, unsigned round);

/* Reproducible bytes. */
uint64_t test_seed(void); /* prints it */
unsigned test_scaled(unsigned n);
uint64_t next_random(uint64_t* state);
void fill_bytes(void* to, size_t n, uint64_t seed);

/* Files. All of these must succeed. */
#define FILES_MAX 256
typedef struct file_names {
  size_t count;
  char name[FILES_MAX][64];
} file_names;
file_names files_ending(const char* dir, const char* suffix); /* sorted */
bool file_exists(const char* dir, const char* name);
/* A path in the scratch directory, beside the store; the last four stay. */
const char* path_beside(const scratch* s, const char* name);
char* read_whole(const char* dir, const char* name, size_t* length); /* free() */
void write_whole(const char* dir, const char* name, const void* bytes, size_t length);
void remove_file(const char* dir, const char* name);
void flip_bit(const char* dir, const char* name, uint64_t bit);
void copy_store(const char* from, const char* to); /* makes `to` an exact copy */
void remove_tree(const char* dir);
size_t open_descriptors(void);

/* Runs body in a forked child; returns its exit status, or 1000 + the signal that ended it. The
 * body must not use the checks above: it returns 0, or a number that names what failed. */
int in_child(int (*body)(void*), void* argument);

/* Makes every call that takes a store and demands `expected` from each, out-parameters cleared.
 * NULL if all do, else what does not. For closed and forked handles; uses no check above. */
const char* first_call_not_returning(int expected, stave_db* db);

#endif
