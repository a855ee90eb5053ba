#include "engine/keydir_memory.h"

#include <sys/mman.h>

#include <cerrno>

#include "base/bytes.h"
#include "base/check.h"

namespace stave {

namespace {

// At a multiple of kHugePage: what is too much before and behind is let go.
char* try_reserve(uint64_t bytes) {
  void* p = ::mmap(nullptr, bytes + kHugePage, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  char* const from = static_cast<char*>(p);
  const uint64_t before =
      align_up(reinterpret_cast<uintptr_t>(p), kHugePage) - reinterpret_cast<uintptr_t>(p);
  if (before != 0) ::munmap(from, before);
  ::munmap(from + before + bytes, kHugePage - before);
  return from + before;
}

// A hint: without huge pages look-ups are slower, and that is all.
void ask_for_huge_pages(void* from, uint64_t bytes) { (void)::madvise(from, bytes, MADV_HUGEPAGE); }

}  // namespace

KeydirMemory::~KeydirMemory() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Status KeydirMemory::reserve(uint64_t bytes, uint64_t bytes_min) {
  STAVE_CHECK(data_ == nullptr && bytes_min % kHugePage == 0);
  uint64_t n = align_up(bytes < bytes_min ? bytes_min : bytes, bytes_min);
  char* p = try_reserve(n);
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
  ask_for_huge_pages(p, n);
  data_ = p;
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
  ask_for_huge_pages(fresh, bytes);
  if (::mremap(fresh, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, from) != MAP_FAILED) return true;
  ::munmap(fresh, bytes);
  return false;
}

bool KeydirMemory::populate(void* from, uint64_t bytes) {
#ifdef MADV_POPULATE_WRITE
  return ::madvise(from, bytes, MADV_POPULATE_WRITE) == 0;
#else
  (void)from, (void)bytes;
  return false;
#endif
}

}  // namespace stave
