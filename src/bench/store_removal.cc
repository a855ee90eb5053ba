#include "bench/store_removal.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

namespace stave::bench {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> directories_below(const fs::path& top) {
  std::vector<fs::path> found = {top};
  std::error_code error;
  for (fs::recursive_directory_iterator at(top, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error) && !at->is_symlink(error)) found.push_back(at->path());
  }
  return found;
}

// Files only: a directory may hold others, which another thread is about to empty.
void remove_files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    files.push_back(at->path());
  }
  for (const fs::path& file : files) unlink(file.c_str());
}

void remove_all(const fs::path& top) {
  constexpr size_t kThreads = 16;  // they wait for the disk, not for a processor
  const std::vector<fs::path> directories = directories_below(top);
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i = next++; i < directories.size(); i = next++) remove_files_in(directories[i]);
  };
  {
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < std::min(kThreads, directories.size()); ++i) helpers.emplace_back(work);
    work();
  }
  std::error_code ignored;
  fs::remove_all(top, ignored);
}

}  // namespace

void remove_stores(const std::string& path, const std::function<bool()>& say,
                   std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPatienceMin(1);
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  const std::jthread remover([&] {
    remove_all(path);
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  const auto is_done = [&] { return done; };
  for (bool said = patience.count() == 0 && say(); !said; said = say()) {
    if (changed.wait_for(lock, std::max(patience, kPatienceMin), is_done)) return;
  }
  changed.wait(lock, is_done);
}

bool say_removing(const std::string& program) {
  const char* cleared = isatty(STDERR_FILENO) ? "\r\x1b[K" : "";
  std::fprintf(stderr, "%s%s: removing the stores...\n", cleared, program.c_str());
  return true;
}

}  // namespace stave::bench
