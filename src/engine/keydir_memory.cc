#include "engine/keydir_memory.h"

#include <sys/mman.h>

#include <cerrno>

#include "base/bytes.h"
#include "base/check.h"

namespace stave {

namespace {

void* try_reserve(uint64_t bytes) {
  void* p = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

}  // namespace

KeydirMemory::~KeydirMemory() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Status KeydirMemory::reserve(uint64_t bytes, uint64_t bytes_min) {
  STAVE_CHECK(data_ == nullptr && bytes_min % kMemoryUnit == 0);
  uint64_t n = align_up(bytes < bytes_min ? bytes_min : bytes, bytes_min);
  void* p = try_reserve(n);
  while (p == nullptr && n > bytes_min) {
    n = align_up(n / 2, bytes_min);
    p = try_reserve(n);
    if (p != nullptr && n >= 2 * bytes_min) {
      // The most that fits would take at least half of the limit's rest from everybody else.
      ::munmap(p, n);
      n = align_up(n / 2, bytes_min);
      p = try_reserve(n);
    }
  }
  if (p == nullptr) return Status::from_errno(errno, "reserving address space for the keydir");
  // A huge page under each of many sparse tables would multiply the memory in use (measured:
  // 54 bytes per key). Kernels without huge pages refuse the advice; that is fine.
  (void)::madvise(p, n, MADV_NOHUGEPAGE);
  data_ = static_cast<char*>(p);
  size_ = n;
  return {};
}

Status KeydirMemory::make_accessible(void* from, uint64_t bytes) {
  if (::mprotect(from, bytes, PROT_READ | PROT_WRITE) == 0) return {};
  return Status::from_errno(errno, "growing the keydir");
}

bool KeydirMemory::release(void* from, uint64_t bytes) {
  return ::madvise(from, bytes, MADV_DONTNEED) == 0;
}

bool KeydirMemory::replace_by_zeros(void* from, uint64_t bytes) {
  // Not mmap(MAP_FIXED): it takes the old pages away before it may be refused the new ones,
  // and a reader that comes then would fault.
  void* fresh = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fresh == MAP_FAILED) return false;
  (void)::madvise(fresh, bytes, MADV_NOHUGEPAGE);
  if (::mremap(fresh, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, from) != MAP_FAILED) return true;
  ::munmap(fresh, bytes);
  return false;
}

}  // namespace stave
