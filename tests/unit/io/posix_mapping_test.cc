// Hints of mappings: pages in memory enter the page table, and pages on the device are asked for.
#include <fcntl.h>
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "unit/io/io_util.h"

namespace stave::test {
namespace {

constexpr uint64_t kBytes = 4 << 20;
constexpr uint64_t kPage = 4096;

struct Mapped {
  TempDir dir;
  std::unique_ptr<File> file;
  std::unique_ptr<Mapping> mapping;

  Mapped() {
    file = value_of(posix_fs().create(dir.path() + "/f", 0644));
    expect_ok(file->write(0, std::string(kBytes, 'x')));
    expect_ok(file->sync());
    mapping = value_of(file->map(kBytes, Access::read));
    mapping->expect(Pattern::random);
  }
};

long faults_of_reading(const Mapping& mapping) {
  struct rusage before {};
  struct rusage after {};
  ::getrusage(RUSAGE_THREAD, &before);
  unsigned sum = 0;
  for (uint64_t at = 0; at < kBytes; at += kPage) {
    sum += static_cast<volatile char*>(mapping.data())[at] == 'x' ? 1 : 0;
  }
  ::getrusage(RUSAGE_THREAD, &after);
  assert_int_equal(sum, kBytes / kPage);
  return after.ru_minflt - before.ru_minflt;
}

void test_map_resident(void**) {
  Mapped plain;
  Mapped entered;
  if (!entered.mapping->resident(kBytes)) {
    print_message("skipped: the file is not in memory\n");
    skip();
  }
  entered.mapping->map_resident(2 * kBytes);  // beyond the end: what there is
  const long without = faults_of_reading(*plain.mapping);
  const long with = faults_of_reading(*entered.mapping);
  print_message("faults: %ld, and %ld after map_resident\n", without, with);
  if (without < 2) {
    print_message("skipped: this system maps the whole file by one fault\n");
    skip();
  }
  assert_true(with < without);
}

void test_fetch(void**) {
  Mapped m;
  const int fd = ::open((m.dir.path() + "/f").c_str(), O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  // A file system in memory keeps its pages: then there is nothing to fetch, and the rest holds.
  (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
  m.mapping->fetch(kBytes, kPage);  // beyond the end: nothing
  m.mapping->fetch(kPage - 1, 2);   // two pages; the first one is asked for too, as a page is whole
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(30);
  while (!m.mapping->resident(2 * kPage) && Clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  assert_true(m.mapping->resident(2 * kPage));
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(test_map_resident),
      cmocka_unit_test(test_fetch),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
