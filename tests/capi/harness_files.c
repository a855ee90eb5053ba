#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static void join(char* to, size_t cap, const char* dir, const char* name) {
  int n = snprintf(to, cap, "%s/%s", dir, name);
  assert_true(n > 0 && (size_t)n < cap);
}

static int by_name(const void* a, const void* b) { return strcmp(a, b); }

file_names files_ending(const char* dir, const char* suffix) {
  file_names names;
  memset(&names, 0, sizeof names);
  DIR* d = opendir(dir);
  assert_non_null(d);
  for (struct dirent* e; (e = readdir(d)) != NULL;) {
    size_t n = strlen(e->d_name);
    size_t m = strlen(suffix);
    if (e->d_type == DT_DIR || n < m || strcmp(e->d_name + n - m, suffix) != 0) continue;
    assert_true(names.count < FILES_MAX && n < sizeof names.name[0]);
    memcpy(names.name[names.count++], e->d_name, n + 1);
  }
  closedir(d);
  qsort(names.name, names.count, sizeof names.name[0], by_name);
  return names;
}

bool file_exists(const char* dir, const char* name) {
  char path[512];
  join(path, sizeof path, dir, name);
  return access(path, F_OK) == 0;
}

char* read_whole(const char* dir, const char* name, size_t* length) {
  char path[512];
  join(path, sizeof path, dir, name);
  FILE* f = fopen(path, "rb");
  assert_non_null(f);
  struct stat st;
  assert_int_equal(fstat(fileno(f), &st), 0);
  *length = (size_t)st.st_size;
  char* bytes = malloc(*length + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *length, f), *length);
  bytes[*length] = '\0';
  fclose(f);
  return bytes;
}

void write_whole(const char* dir, const char* name, const void* bytes, size_t length) {
  char path[512];
  join(path, sizeof path, dir, name);
  FILE* f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, length, f), length);
  assert_int_equal(fclose(f), 0);
}

void remove_file(const char* dir, const char* name) {
  char path[512];
  join(path, sizeof path, dir, name);
  assert_int_equal(unlink(path), 0);
}

void flip_bit(const char* dir, const char* name, uint64_t bit) {
  char path[512];
  join(path, sizeof path, dir, name);
  FILE* f = fopen(path, "r+b");
  assert_non_null(f);
  assert_int_equal(fseek(f, (long)(bit / 8), SEEK_SET), 0);
  int byte = fgetc(f);
  assert_true(byte != EOF);
  assert_int_equal(fseek(f, (long)(bit / 8), SEEK_SET), 0);
  assert_true(fputc(byte ^ (1 << bit % 8), f) != EOF);
  assert_int_equal(fclose(f), 0);
}

void copy_store(const char* from, const char* to) {
  remove_tree(to);
  assert_int_equal(mkdir(to, 0777), 0);
  file_names names = files_ending(from, "");
  for (size_t i = 0; i < names.count; i++) {
    size_t length = 0;
    char* bytes = read_whole(from, names.name[i], &length);
    write_whole(to, names.name[i], bytes, length);
    free(bytes);
  }
}

static int remove_entry(const char* path, const struct stat* st, int type, struct FTW* where) {
  (void)st;
  (void)type;
  (void)where;
  return remove(path);
}

void remove_tree(const char* dir) { nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

size_t open_descriptors(void) {
  DIR* d = opendir("/proc/self/fd");
  assert_non_null(d);
  size_t n = 0;
  while (readdir(d) != NULL) n++;
  closedir(d);
  return n;
}
