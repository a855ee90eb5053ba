// Memory of one file's page cache: reserved address space that never moves, zeros at first,
// readable and writable up to a limit and faulting beyond it. Arenas are reused.
#pragma once

#include <cstdint>
#include <memory>

namespace stave::test {

class FaultArena {
 public:
  // Empty, with at least `reserve` bytes of address space. The last owner gives it back.
  static std::shared_ptr<FaultArena> take(uint64_t reserve);

  ~FaultArena();
  FaultArena(const FaultArena&) = delete;
  FaultArena& operator=(const FaultArena&) = delete;

  [[nodiscard]] char* data() const { return base_; }
  [[nodiscard]] uint64_t reserve() const { return reserve_; }
  // [0, bytes) may be touched from now on; past it, rounded up to the machine's page, faults.
  void grow(uint64_t bytes);
  // The opposite; what stays accessible from byte `keep` on becomes zeros.
  void shrink(uint64_t keep, uint64_t bytes);

 private:
  explicit FaultArena(uint64_t reserve);

  char* base_;
  uint64_t reserve_;
  uint64_t limit_ = 0;
};

// What the kernel does with pages that a process maps: invisible to the thread sanitizer, so
// that a run over this file system shows the same races as one over the machine's.
void kernel_copy(char* to, const char* from, uint64_t n);
void kernel_zero(char* to, uint64_t n);
bool kernel_equal(const char* a, const char* b, uint64_t n);
bool kernel_is_zero(const char* a, uint64_t n);

}  // namespace stave::test
