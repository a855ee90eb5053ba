// Space on the machine's file systems: full disks, file systems without fallocate, long writes.
// The small file systems are mounted in a namespace of a child process; where that is not
// permitted the tests say so and are skipped.
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "unit/io/io_util.h"

#if defined(__SANITIZE_THREAD__)
#define STAVE_TEST_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STAVE_TEST_TSAN 1
#endif
#endif

namespace stave::test {
namespace {

constexpr int kNotPermitted = 99;
constexpr uint64_t kMiB = 1 << 20;

// In a child: 0 or kNotPermitted.
int mount_at(const std::string& dir, const char* type, const char* options) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) {
    return kNotPermitted;
  }
  (void)::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  return ::mount("none", dir.c_str(), type, 0, options) == 0 ? 0 : kNotPermitted;
}

// Runs `body` (0: passed, else the number of the step that failed) with DIR so mounted.
void on_mount(const char* type, const char* options,
              const std::function<int(const std::string& dir)>& body) {
  TempDir dir;
  const int result = in_child([&] {
    const int mounted = mount_at(dir.path(), type, options);
    return mounted != 0 ? mounted : body(dir.path());
  });
  if (result == kNotPermitted) {
    print_message("SKIPPED: mounting a %s is not permitted here\n", type);
    skip();
  }
  assert_int_equal(result, 0);
}

bool has_size(File& file, uint64_t size) {
  auto now = file.size();
  return now.ok() && *now == size;
}

int fill_small_disk(const std::string& dir) {
  auto created = posix_fs().create(dir + "/f", 0644);
  if (!created.ok()) return 1;
  File& file = **created;
  if (!file.allocate(0, kMiB).ok() || !has_size(file, kMiB)) return 2;
  if (!file.allocate(kMiB, 8 * kMiB).is(Code::no_space)) return 3;
  if (!has_size(file, kMiB)) return 4;
  // The failed attempt took nothing for good: the rest of the disk is still there.
  if (!file.allocate(kMiB, kMiB / 2).ok()) return 5;
  if (!file.write(kMiB, std::string(8 * kMiB, 'x')).is(Code::no_space)) return 6;
  if (!file.write(0, std::string(kMiB, 'y')).ok()) return 7;  // what is allocated is ours
  return 0;
}

void full_disk_fails_before_anything_is_lost(void**) {
  on_mount("tmpfs", "size=2m", fill_small_disk);
}

int allocate_without_fallocate(const std::string& dir) {
  auto created = posix_fs().create(dir + "/f", 0644);
  if (!created.ok()) return 1;
  File& file = **created;
  if (!file.write(0, "abc").ok() || !file.allocate(0, kMiB).ok()) return 2;
  std::string bytes(kMiB + 1, '?');
  size_t got = 0;
  if (!file.read(0, bytes.data(), bytes.size(), &got).ok() || got != kMiB) return 3;
  if (bytes.substr(0, kMiB) != "abc" + std::string(kMiB - 3, '\0')) return 4;
  if (!file.allocate(100, 100).ok() || !has_size(file, kMiB)) return 5;
  // No file may be longer than 2 MiB from here on; ramfs itself is never full.
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {2 * kMiB, 2 * kMiB};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 6;
  if (file.allocate(kMiB, 4 * kMiB).ok() || !has_size(file, kMiB)) return 7;
  return file.allocate(kMiB, kMiB).ok() && has_size(file, 2 * kMiB) ? 0 : 8;
}

void without_fallocate_zeros_are_written(void**) {
  on_mount("ramfs", "", allocate_without_fallocate);
}

void write_to_a_full_device_is_no_space(void**) {
  auto file = value_of(posix_fs().open("/dev/full", Access::write));
  const Status status = file->write(4096, "x");
  expect_code(status, Code::no_space);
  assert_int_equal(status.system_errno(), ENOSPC);
  assert_non_null(std::strstr(status.message().c_str(), "writing /dev/full at 4096"));
}

// One call of pwrite takes at most 2 GiB - 4 KiB; /dev/null makes that cheap to see.
void write_of_more_than_2_gib(void**) {
#if defined(STAVE_TEST_TSAN)
  print_message("SKIPPED: the thread sanitizer would mark 3 GiB as read, in 18 s and 12 GiB\n");
  skip();
#endif
  const uint64_t size = 3ULL << 30;
  void* zeros =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert_true(zeros != MAP_FAILED);
  auto file = value_of(posix_fs().open("/dev/null", Access::write));
  expect_ok(file->write(0, Bytes(static_cast<const char*>(zeros), size)));
  ::munmap(zeros, size);
}

void failed_operations_carry_errno_and_path(void**) {
  TempDir dir;
  auto file = value_of(posix_fs().open("/dev/null", Access::write));
  const Status status = file->sync();  // a device without fdatasync
  expect_code(status, Code::io);
  assert_int_equal(status.system_errno(), EINVAL);
  assert_non_null(std::strstr(status.message().c_str(), "syncing /dev/null"));
  expect_code(posix_fs().sync_dir("/dev/null"), Code::io);
  size_t got = 7;
  auto directory = value_of(posix_fs().open(dir.path(), Access::read));
  assert_int_equal(directory->read(0, &got, 1, &got).system_errno(), EISDIR);
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(full_disk_fails_before_anything_is_lost),
      cmocka_unit_test(without_fallocate_zeros_are_written),
      cmocka_unit_test(write_to_a_full_device_is_no_space),
      cmocka_unit_test(write_of_more_than_2_gib),
      cmocka_unit_test(failed_operations_carry_errno_and_path),
  };
  return cmocka_run_group_tests_name("posix_space", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
