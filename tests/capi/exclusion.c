/* One writer at a time: within the process, in another one, and through a second copy of the
 * library. The program runs itself as that other process: exclusion --open DIR. */
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

static int open_in_another_process(const char* dir, const char* how) {
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    execl("/proc/self/exe", "exclusion", how, dir, (char*)NULL);
    _exit(255);
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* 0: opened; 1: busy with a text; 2: anything else. */
static int try_open(const char* how, const char* dir) {
  stave_options* o = NULL;
  if (stave_options_create(&o) != STAVE_OK) return 2;
  stave_options_set(o, "io", io_mode());
  if (strcmp(how, "--read") == 0) stave_options_set(o, "read_only", "true");
  stave_db* db = NULL;
  int code = stave_open(dir, o, &db);
  stave_options_destroy(o);
  if (code == STAVE_BUSY) return stave_last_error()[0] ? 1 : 2;
  if (code != STAVE_OK) return 2;
  code = stave_close(db);
  stave_release(db);
  return code == STAVE_OK ? 0 : 2;
}

static void a_second_writer_in_the_process_is_busy(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  put_text(db, "k", "v");
  stave_db* second = (stave_db*)s;
  expect(STAVE_BUSY, open_at(s->store, &second, NULL));
  assert_null(second);
  char other[256];
  snprintf(other, sizeof other, "%s/./../%s/store", s->dir, strrchr(s->dir, '/') + 1);
  expect(STAVE_BUSY, open_at(other, &second, NULL)); /* the same directory by another name */
  expect_holds(db, "k", "v");
  put_text(db, "k", "w");
  close_store(db);
}

static void a_symbolic_link_is_no_way_around(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  char link[256];
  snprintf(link, sizeof link, "%s/link", s->dir);
  assert_int_equal(symlink(s->store, link), 0);
  stave_db* second = NULL;
  expect(STAVE_BUSY, open_at(link, &second, NULL));
  close_store(db);
}

static void a_second_writer_in_another_process_is_busy_until_close(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  assert_int_equal(open_in_another_process(s->store, "--open"), 1);
  assert_int_equal(open_in_another_process(s->store, "--read"), 0);
  assert_int_equal(open_in_another_process(s->store, "--open"), 1);
  close_store(db);
  assert_int_equal(open_in_another_process(s->store, "--open"), 0);
}

static void a_failed_second_open_does_not_break_the_lock(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  for (int i = 0; i < 5; i++) {
    stave_db* second = NULL;
    expect(STAVE_BUSY, open_at(s->store, &second, NULL));
    assert_int_equal(open_in_another_process(s->store, "--open"), 1);
  }
  stave_db* reader = open_store(s, "read_only", "true", NULL);
  close_store(reader);
  assert_int_equal(open_in_another_process(s->store, "--open"), 1);
  close_store(db);
}

static void close_lets_go_even_before_release(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  expect(STAVE_OK, stave_close(db));
  stave_db* second = open_store(s, NULL);
  close_store(second);
  stave_release(db);
}

static void two_stores_are_open_side_by_side(void** state) {
  scratch* s = *state;
  char other[256];
  snprintf(other, sizeof other, "%s/other", s->dir);
  stave_db* a = open_store(s, NULL);
  stave_db* b = NULL;
  expect(STAVE_OK, open_at(other, &b, NULL));
  put_text(a, "k", "a");
  put_text(b, "k", "b");
  expect_holds(a, "k", "a");
  expect_holds(b, "k", "b");
  close_store(a);
  close_store(b);
}

static void a_stale_lock_file_is_no_lock(void** state) {
  scratch* s = *state;
  stave_db* db = open_store(s, NULL);
  close_store(db);
  const char* texts[] = {"", "1\n", "pid 1 host elsewhere\n", "\xff\xff\xff"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    write_whole(s->store, "LOCK", texts[i], strlen(texts[i]));
    close_store(open_store(s, NULL));
  }
}

static void a_second_copy_of_the_library_is_excluded_too(void** state) {
#ifdef SANITIZED
  (void)state;
  print_message("skipped: a sanitizer's runtime knows each library once\n");
  skip();
#else
  scratch* s = *state;
  Dl_info where;
  assert_true(dladdr((void*)(uintptr_t)&stave_open, &where) != 0);
  char copy[256];
  char command[1024];
  snprintf(copy, sizeof copy, "%s/libcopy.so", s->dir);
  snprintf(command, sizeof command, "cp -L '%.400s' '%s'", where.dli_fname, copy);
  assert_int_equal(system(command), 0);
  void* library = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) print_error("%s\n", dlerror());
  assert_non_null(library);
  int (*open_copy)(const char*, const stave_options*, stave_db**);
  *(void**)&open_copy = dlsym(library, "stave_open");
  assert_non_null(*(void**)&open_copy);
  assert_true(open_copy != stave_open);

  stave_db* db = open_store(s, NULL);
  stave_db* second = NULL;
  assert_int_equal(open_copy(s->store, NULL, &second), STAVE_BUSY);
  assert_null(second);
  put_text(db, "k", "v");
  assert_int_equal(open_in_another_process(s->store, "--open"), 1);
  close_store(db);
  dlclose(library);
#endif
}

int main(int argc, char** argv) {
  if (argc == 3) return try_open(argv[1], argv[2]);
  const struct CMUnitTest tests[] = {
      CASE(a_second_writer_in_the_process_is_busy),
      CASE(a_symbolic_link_is_no_way_around),
      CASE(a_second_writer_in_another_process_is_busy_until_close),
      CASE(a_failed_second_open_does_not_break_the_lock),
      CASE(close_lets_go_even_before_release),
      CASE(two_stores_are_open_side_by_side),
      CASE(a_stale_lock_file_is_no_lock),
      CASE(a_second_copy_of_the_library_is_excluded_too),
  };
  return cmocka_run_group_tests_name("exclusion", tests, NULL, NULL);
}
