// A memory cgroup for one process, made inside a group that the user names: version 1 or 2, told
// apart by their files. Nothing is made outside of that group, and it is never guessed: the group
// in which a process happens to run belongs to whoever started it (a service manager, a container).
#pragma once

#include <cstdint>
#include <string>

namespace stave::bench {

// Throws UsageError if groups with a memory limit cannot be made in `parent`.
void check_memory_group(const std::string& parent);

class MemoryGroup {
 public:
  // Makes `parent`/`name`. Throws Error.
  MemoryGroup(const std::string& parent, const std::string& name);
  // REQUIRES: its processes have ended. Best effort.
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  // Moves the calling process into it. Memory that it has already stays charged elsewhere.
  void enter() const;
  // What the group holds, page cache included.
  uint64_t held_bytes() const;
  // 0: none. The kernel drops page cache of the group to keep to it.
  void limit(uint64_t bytes) const;

 private:
  bool second_version() const;
  void write(const char* file, const std::string& text) const;

  std::string dir_;
};

// A quarter of `data_bytes`, but at least 16 MiB above what is held.
uint64_t memory_limit_for(uint64_t data_bytes, uint64_t held_bytes);

}  // namespace stave::bench
