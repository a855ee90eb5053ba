// The directory lock between processes, within one process and across fork. A second copy of
// the library in this process is played by taking its locks by hand.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>

#include "unit/io/io_util.h"

namespace stave::test {
namespace {

enum Outcome { kFree = 0, kBusy = 1, kOther = 2 };

int try_lock(const std::string& dir) {
  auto lock = posix_fs().lock(dir);
  if (lock.ok()) return kFree;
  return lock.status().is(Code::busy) ? kBusy : kOther;
}

// What another process's POSIX lock would meet: asked in a child, since nobody is in his own way.
int posix_lock_of(const std::string& dir) {
  return in_child([&] {
    const int fd = ::open((dir + "/LOCK").c_str(), O_RDWR);
    struct flock query {};
    query.l_type = F_WRLCK;
    if (fd < 0 || ::fcntl(fd, F_GETLK, &query) != 0) return kOther;
    return query.l_type == F_UNLCK ? kFree : kBusy;
  });
}

// The same for the flock, on a descriptor of this call's own.
int flock_of(const std::string& dir) {
  const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool free = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  ::close(fd);
  return free ? kFree : kBusy;
}

void excludes_a_forked_child(void**) {
  TempDir dir;
  auto lock = value_of(posix_fs().lock(dir.path()));
  assert_int_equal(in_child([&] { return try_lock(dir.path()); }), kBusy);
  lock.reset();
  assert_int_equal(in_child([&] { return try_lock(dir.path()); }), kFree);
}

void excludes_another_program(void**) {
  TempDir dir;
  auto exec_and_try = [&] {
    ::execl("/proc/self/exe", "dir_lock_test", "--try-lock", dir.path().c_str(), nullptr);
    return static_cast<int>(kOther);
  };
  auto lock = value_of(posix_fs().lock(dir.path()));
  assert_int_equal(in_child(exec_and_try), kBusy);
  lock.reset();
  assert_int_equal(in_child(exec_and_try), kFree);
}

void names_the_holder(void**) {
  TempDir dir;
  auto lock = value_of(posix_fs().lock(dir.path()));
  const std::string holder = "(pid " + std::to_string(::getpid()) + " host ";
  const int named = in_child([&] {
    const Status busy = posix_fs().lock(dir.path()).status();
    return busy.message().find(holder) != std::string::npos ? 0 : 1;
  });
  assert_int_equal(named, 0);
}

// Closing any descriptor of LOCK would drop the POSIX lock, so no attempt may open it.
void failed_attempts_leave_the_posix_lock(void**) {
  TempDir dir;
  auto lock = value_of(posix_fs().lock(dir.path()));
  assert_int_equal(posix_lock_of(dir.path()), kBusy);
  assert_int_equal(try_lock(dir.path()), kBusy);
  assert_int_equal(try_lock(dir.path() + "/."), kBusy);
  assert_int_equal(in_child([&] { return try_lock(dir.path()); }), kBusy);
  assert_int_equal(posix_lock_of(dir.path()), kBusy);
  lock.reset();
  assert_int_equal(posix_lock_of(dir.path()), kFree);
}

void same_lock_file_under_another_directory_is_busy(void**) {
  TempDir dir, other;
  auto lock = value_of(posix_fs().lock(dir.path()));
  std::filesystem::create_hard_link(dir.path() + "/LOCK", other.path() + "/LOCK");
  assert_int_equal(try_lock(other.path()), kBusy);
  assert_int_equal(in_child([&] { return try_lock(other.path()); }), kBusy);
  assert_int_equal(posix_lock_of(dir.path()), kBusy);
}

void second_copy_of_the_library_is_excluded_and_unharmed(void**) {
  TempDir dir;
  const int dir_fd = ::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY);
  assert_int_equal(::flock(dir_fd, LOCK_EX | LOCK_NB), 0);
  const int fd = ::open((dir.path() + "/LOCK").c_str(), O_RDWR | O_CREAT, 0644);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  assert_int_equal(::fcntl(fd, F_SETLK, &whole), 0);

  assert_int_equal(try_lock(dir.path()), kBusy);
  assert_int_equal(posix_lock_of(dir.path()), kBusy);

  ::close(fd);
  ::close(dir_fd);
  assert_int_equal(try_lock(dir.path()), kFree);
}

void kill_9_releases(void**) {
  TempDir dir;
  int ready[2];
  assert_int_equal(::pipe(ready), 0);
  const pid_t holder = ::fork();
  assert_true(holder >= 0);
  if (holder == 0) {
    auto lock = posix_fs().lock(dir.path());
    const char byte = lock.ok() ? 1 : 0;
    if (::write(ready[1], &byte, 1) == 1) ::pause();
    ::_exit(1);
  }
  char locked = 0;
  assert_int_equal(::read(ready[0], &locked, 1), 1);
  assert_int_equal(locked, 1);
  assert_int_equal(try_lock(dir.path()), kBusy);
  assert_int_equal(::kill(holder, SIGKILL), 0);
  assert_int_equal(::waitpid(holder, nullptr, 0), holder);
  assert_int_equal(try_lock(dir.path()), kFree);
  ::close(ready[0]);
  ::close(ready[1]);
}

void child_that_destroys_the_lock_does_not_release_it(void**) {
  TempDir dir;
  auto lock = value_of(posix_fs().lock(dir.path()));
  const int again = in_child([&] {
    lock.reset();
    return try_lock(dir.path());
  });
  assert_int_equal(again, kBusy);
  assert_int_equal(posix_lock_of(dir.path()), kBusy);
  assert_int_equal(flock_of(dir.path()), kBusy);
  assert_int_equal(in_child([&] { return try_lock(dir.path()); }), kBusy);
}

void child_may_lock_once_the_parent_has_let_go(void**) {
  TempDir dir;
  int released[2];
  assert_int_equal(::pipe(released), 0);
  auto lock = value_of(posix_fs().lock(dir.path()));
  const pid_t child = ::fork();
  assert_true(child >= 0);
  if (child == 0) {
    char byte = 0;
    if (::read(released[0], &byte, 1) != 1) ::_exit(kOther);
    // The child has inherited the directory's descriptor and the registry's entry.
    ::_exit(try_lock(dir.path()));
  }
  lock.reset();
  assert_int_equal(try_lock(dir.path()), kFree);
  assert_int_equal(::write(released[1], "x", 1), 1);
  int status = 0;
  assert_int_equal(::waitpid(child, &status, 0), child);
  assert_int_equal(WEXITSTATUS(status), kFree);
  ::close(released[0]);
  ::close(released[1]);
}

void descriptors_are_close_on_exec(void**) {
  TempDir dir;
  auto lock = value_of(posix_fs().lock(dir.path()));
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code none;
    const std::string target = std::filesystem::read_symlink(entry.path(), none).string();
    if (target.compare(0, dir.path().size(), dir.path()) != 0) continue;
    const int fd = std::stoi(entry.path().filename().string());
    assert_true((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    ++checked;
  }
  assert_int_equal(checked, 3);  // the directory, LOCK's text, LOCK's lock
}

// The thread sanitizer reports a lock that looks at descriptors which another thread closes.
void descriptors_of_others_are_left_alone(void**) {
  TempDir dir;
  const int mine = ::open((dir.path() + "/mine").c_str(), O_RDWR | O_CREAT, 0644);
  assert_true(mine >= 0);
  std::atomic<bool> done = false;
  std::atomic<int> opened = 0;
  std::atomic<int> marked = 0;
  std::thread other([&] {
    while (!done) {
      const int fd = ::open("/dev/null", O_RDONLY);
      if ((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) ++marked;
      ::close(fd);
      ++opened;
    }
  });
  int refused = 0;
  for (int i = 0; i < 500 || opened < 2000; ++i) refused += try_lock(dir.path()) == kFree ? 0 : 1;
  done = true;
  other.join();
  assert_int_equal(refused, 0);
  assert_int_equal(marked, 0);
  assert_true((::fcntl(mine, F_GETFD) & FD_CLOEXEC) == 0);
  ::close(mine);
}

void stores_in_other_directories_are_independent(void**) {
  TempDir a, b;
  auto lock_a = value_of(posix_fs().lock(a.path()));
  auto lock_b = value_of(posix_fs().lock(b.path()));
  lock_a.reset();
  assert_int_equal(try_lock(a.path()), kFree);
  assert_int_equal(try_lock(b.path()), kBusy);
}

void longer_text_of_an_earlier_holder_is_replaced(void**) {
  TempDir dir;
  make_file(posix_fs(), dir.path() + "/LOCK", std::string(500, 'x'));
  auto lock = value_of(posix_fs().lock(dir.path()));
  const std::string text = "pid " + std::to_string(::getpid()) + " host ";
  // Read in a child: here it would drop the lock.
  const int same = in_child([&] {
    auto now = read_file(posix_fs(), dir.path() + "/LOCK", 1000);
    return now.ok() && now->compare(0, text.size(), text) == 0 && now->back() == '\n' &&
                   now->find('x' + std::string(50, 'x')) == std::string::npos
               ? 0
               : 1;
  });
  assert_int_equal(same, 0);
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(excludes_a_forked_child),
      cmocka_unit_test(excludes_another_program),
      cmocka_unit_test(names_the_holder),
      cmocka_unit_test(failed_attempts_leave_the_posix_lock),
      cmocka_unit_test(same_lock_file_under_another_directory_is_busy),
      cmocka_unit_test(second_copy_of_the_library_is_excluded_and_unharmed),
      cmocka_unit_test(kill_9_releases),
      cmocka_unit_test(child_that_destroys_the_lock_does_not_release_it),
      cmocka_unit_test(child_may_lock_once_the_parent_has_let_go),
      cmocka_unit_test(descriptors_are_close_on_exec),
      cmocka_unit_test(descriptors_of_others_are_left_alone),
      cmocka_unit_test(stores_in_other_directories_are_independent),
      cmocka_unit_test(longer_text_of_an_earlier_holder_is_replaced),
  };
  return cmocka_run_group_tests_name("dir_lock", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--try-lock") == 0) return stave::test::try_lock(argv[2]);
  return stave::test::run();
}
