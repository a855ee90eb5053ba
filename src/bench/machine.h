// What the system says about this process and about files: memory, disk space, device reads.
#pragma once

#include <cstdint>
#include <string>

namespace stave::bench {

// Resident memory of this process, in bytes: not backed by files, and backed by files.
struct Resident {
  uint64_t anonymous = 0;
  uint64_t file = 0;
};
Resident resident();

// Blocks allocated to all files below `dir`, in bytes.
uint64_t disk_usage(const std::string& dir);

// Allocates, touches and frees this much memory (at most half of what is available): pages that a
// virtual machine gave back to its host cost ten times as much at first touch, and no engine shall
// pay that for another.
void touch_memory(uint64_t bytes);

// Writes back the file system of `dir`.
void flush_file_system(const std::string& dir);

// Writes back the file system of `dir` and drops the files below from the page cache. Pages that
// somebody has mapped stay: close the store before, or drop them from the mappings.
void drop_page_cache(const std::string& dir);

// Takes the pages of files below `dir` out of this process's shared mappings; the next access maps
// them again. Private mappings stay: they are memory of the process, perhaps changed.
void drop_mapped_pages(const std::string& dir);

// Bytes that this process made the device read (/proc/self/io), and reads of the whole device
// below `dir` (/proc/diskstats; not counted if there is no such line, on tmpfs or an overlay).
struct DeviceReads {
  uint64_t bytes = 0;
  uint64_t reads = 0;
  bool counted = false;
};
DeviceReads device_reads(const std::string& dir);

}  // namespace stave::bench
