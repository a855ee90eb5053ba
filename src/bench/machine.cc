#include "bench/machine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/error.h"
#include "bench/fd.h"

namespace stave::bench {
namespace {

// The number after `name` in a file of "name: number" lines.
uint64_t number_in(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, name.size(), name) == 0) {
      std::istringstream rest(line.substr(name.size()));
      uint64_t number = 0;
      rest >> number;
      return number;
    }
  }
  return 0;
}

template <typename Visit>
void each_file(const std::string& dir, Visit visit) {
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(dir, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_regular_file(error)) visit(at->path());
  }
}

}  // namespace

Resident resident() {
  return {
      number_in("/proc/self/status", "RssAnon:") * 1024,
      (number_in("/proc/self/status", "RssFile:") + number_in("/proc/self/status", "RssShmem:")) *
          1024};
}

uint64_t disk_usage(const std::string& dir) {
  uint64_t bytes = 0;
  each_file(dir, [&](const std::filesystem::path& path) {
    struct stat status;
    if (stat(path.c_str(), &status) == 0) bytes += static_cast<uint64_t>(status.st_blocks) * 512;
  });
  return bytes;
}

void touch_memory(uint64_t bytes) {
  bytes = std::min(bytes, number_in("/proc/meminfo", "MemAvailable:") * 1024 / 2);
  if (bytes == 0) return;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;  // only a courtesy
  // Small pages, as the page cache takes them.
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (uint64_t at = 0; at < bytes; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
  munmap(memory, bytes);
}

void flush_file_system(const std::string& dir) {
  const Fd top(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!top.is_open() || syncfs(top.get()) != 0) throw_errno(dir);
}

void drop_page_cache(const std::string& dir) {
  // Dirty pages stay. One flush of the file system, for there may be a file for each record.
  flush_file_system(dir);
  each_file(dir, [](const std::filesystem::path& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) throw_errno(path.string());
    posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  });
}

void drop_mapped_pages(const std::string& dir) {
  std::error_code error;
  const std::string below = std::filesystem::canonical(dir, error).string() + "/";
  if (error) throw Error(dir + ": " + error.message());
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    std::istringstream fields(line);
    void* first = nullptr;
    void* end = nullptr;
    char dash = 0;
    std::string rights;
    std::string offset;
    std::string device;
    std::string inode;
    std::string path;
    fields >> first >> dash >> end >> rights >> offset >> device >> inode >> std::ws;
    std::getline(fields, path);
    if (rights.size() != 4 || rights[3] != 's' || path.rfind(below, 0) != 0) continue;
    const auto length = static_cast<char*>(end) - static_cast<char*>(first);
    madvise(first, static_cast<size_t>(length), MADV_DONTNEED);
  }
}

DeviceReads device_reads(const std::string& dir) {
  DeviceReads found;
  found.bytes = number_in("/proc/self/io", "read_bytes:");
  struct stat status;
  if (stat(dir.c_str(), &status) != 0) return found;
  std::ifstream file("/proc/diskstats");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    unsigned device_major = 0;
    unsigned device_minor = 0;
    std::string name;
    uint64_t reads = 0;
    fields >> device_major >> device_minor >> name >> reads;
    if (makedev(device_major, device_minor) != status.st_dev) continue;
    found.reads = reads;
    found.counted = true;
  }
  return found;
}

}  // namespace stave::bench
