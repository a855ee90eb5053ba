#include "bench/memory_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "bench/error.h"
#include "bench/fd.h"

namespace stave::bench {
namespace {

constexpr uint64_t kRoomBytes = 16u << 20;

bool there(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool has_word(const std::string& path, const std::string& wanted) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    if (word == wanted) return true;
  }
  return false;
}

}  // namespace

void check_memory_group(const std::string& parent) {
  const bool first_version = there(parent + "/memory.limit_in_bytes");
  if (!first_version && !has_word(parent + "/cgroup.subtree_control", "memory")) {
    throw UsageError("--memory-group: " + parent +
                     " is no cgroup that can limit memory (no memory.limit_in_bytes, and no "
                     "'memory' in cgroup.subtree_control): name another, or leave the flag out");
  }
  if (access(parent.c_str(), W_OK | X_OK) != 0) {
    throw UsageError("--memory-group: " + parent +
                     " is not writable: have it delegated, or leave the flag out");
  }
}

MemoryGroup::MemoryGroup(const std::string& parent, const std::string& name)
    : dir_(parent + "/" + name) {
  if (mkdir(dir_.c_str(), 0755) != 0) throw_errno(dir_);
}

MemoryGroup::~MemoryGroup() { rmdir(dir_.c_str()); }

bool MemoryGroup::second_version() const { return there(dir_ + "/memory.max"); }

// Without O_CREAT: in a directory that is no cgroup nothing shall seem to work.
void MemoryGroup::write(const char* file, const std::string& text) const {
  const std::string path = dir_ + "/" + file;
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.is_open()) throw_errno(path);
  write_all(fd.get(), text, path);
}

void MemoryGroup::enter() const { write("cgroup.procs", "0\n"); }

uint64_t MemoryGroup::held_bytes() const {
  const std::string path = dir_ + (second_version() ? "/memory.current" : "/memory.usage_in_bytes");
  std::ifstream file(path);
  uint64_t bytes = 0;
  if (!(file >> bytes)) throw Error(path + ": no number can be read");
  return bytes;
}

void MemoryGroup::limit(uint64_t bytes) const {
  const std::string number = std::to_string(bytes);
  if (second_version()) {
    write("memory.max", (bytes == 0 ? "max" : number) + "\n");
  } else {
    write("memory.limit_in_bytes", (bytes == 0 ? "-1" : number) + "\n");
  }
}

uint64_t memory_limit_for(uint64_t data_bytes, uint64_t held_bytes) {
  return std::max(data_bytes / 4, held_bytes + kRoomBytes);
}

}  // namespace stave::bench
