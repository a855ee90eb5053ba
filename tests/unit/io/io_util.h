// Helpers of the tests of src/io.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "io/fs.h"
#include "support/cmocka.h"

namespace stave::test {

// A directory of the machine's, removed with everything in it.
class TempDir {
 public:
  TempDir() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/stave-io-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) fail_msg("no temporary directory at %s", path_.c_str());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline void expect_ok(const Status& status) {
  if (!status.ok()) fail_msg("%d: %s", static_cast<int>(status.code()), status.message().c_str());
}
inline void expect_code(const Status& status, Code code) {
  if (status.code() != code) {
    fail_msg("%d instead of %d: %s", static_cast<int>(status.code()), static_cast<int>(code),
             status.message().c_str());
  }
}
template <typename T>
T value_of(Result<T> result) {
  expect_ok(result.status());
  return result.take();
}

inline std::unique_ptr<File> make_file(Fs& fs, const std::string& path, Bytes bytes = "") {
  auto file = value_of(fs.create(path, 0644));
  expect_ok(file->write(0, bytes));
  return file;
}
inline std::string contents(Fs& fs, const std::string& path) {
  return value_of(read_file(fs, path, 1 << 20));
}

// What the child's function returned, or 128 + the signal that ended it. In there nothing may
// assert: an assertion would run the parent's remaining tests.
inline int in_child(const std::function<int()>& run) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  assert_true(pid >= 0);
  if (pid == 0) ::_exit(run());
  int status = 0;
  assert_int_equal(::waitpid(pid, &status, 0), pid);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace stave::test
