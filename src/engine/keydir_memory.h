// Address space for tables that grow in place: reserved at once, made accessible by steps.
//
// Reserved pages cost nothing, under strict overcommit too: only accessible ones are charged,
// and only touched ones are resident.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace stave {

// Tables start at multiples of this and become accessible in units of it: a multiple of every
// page size that Linux has on our platforms.
inline constexpr uint64_t kMemoryUnit = 64ULL << 10;

class KeydirMemory {
 public:
  KeydirMemory() = default;
  ~KeydirMemory();
  KeydirMemory(const KeydirMemory&) = delete;
  KeydirMemory& operator=(const KeydirMemory&) = delete;

  // Reserves `bytes`, or, where the system refuses that much (ulimit -v), a share of what it
  // grants that leaves room for others, but at least bytes_min. no_memory.
  Status reserve(uint64_t bytes, uint64_t bytes_min);
  [[nodiscard]] char* data() const { return data_; }
  [[nodiscard]] uint64_t size() const { return size_; }

  // Of a reserved range, in whole units: readable and writable from now on, zeros.
  static Status make_accessible(void* from, uint64_t bytes);
  // Gives the pages of an accessible anonymous range back; they read as zeros then. False:
  // nothing was done (locked pages). Others may read the range meanwhile, here and below.
  static bool release(void* from, uint64_t bytes);
  // The same for pages that a file was mapped over, which release() would turn back into the
  // file's.
  static bool replace_by_zeros(void* from, uint64_t bytes);

 private:
  char* data_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace stave
