// Address space for tables that grow in place: reserved at once, made accessible by steps.
//
// Reserved pages cost nothing, under strict overcommit too: only accessible ones are charged,
// and only touched ones are resident.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace stave {

// Of x86-64 and of most others with small pages; elsewhere it is merely a size.
inline constexpr uint64_t kHugePage = 2ULL << 20;

class KeydirMemory {
 public:
  KeydirMemory() = default;
  ~KeydirMemory();
  KeydirMemory(const KeydirMemory&) = delete;
  KeydirMemory& operator=(const KeydirMemory&) = delete;

  // Reserves `bytes`, or, where the system refuses that much (ulimit -v), a share of what it
  // grants that leaves room for others, but at least bytes_min. Starts at a multiple of
  // kHugePage, and huge pages are asked for. no_memory.
  Status reserve(uint64_t bytes, uint64_t bytes_min);
  [[nodiscard]] char* data() const { return data_; }
  [[nodiscard]] uint64_t size() const { return size_; }

  // Of a reserved range, in multiples of kHugePage: readable and writable from now on, zeros.
  static Status make_accessible(void* from, uint64_t bytes);
  // Gives the pages of an accessible anonymous range back; they read as zeros then. False:
  // nothing was done (locked pages). Others may read the range meanwhile, here and below.
  static bool release(void* from, uint64_t bytes);
  // The same for pages that a file was mapped over, which release() would turn back into the
  // file's.
  static bool replace_by_zeros(void* from, uint64_t bytes);
  // Touches the pages of an accessible range, whose bytes stay. False where the kernel is too
  // old for it (before 5.14) or has no memory.
  static bool populate(void* from, uint64_t bytes);

 private:
  char* data_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace stave
