#include "base/page_allocator.h"

#include <sys/mman.h>

#include <new>

namespace stave {

namespace {
#if defined(__SANITIZE_ADDRESS__)
#define STAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STAVE_ASAN 1
#endif
#endif

// The address sanitizer sees the ends of malloc's blocks alone.
bool mapped([[maybe_unused]] size_t bytes) {
#if defined(STAVE_ASAN)
  return false;
#else
  return bytes >= kPageBlockMin;
#endif
}
}  // namespace

void* allocate_block(size_t bytes) {
  if (!mapped(bytes)) return ::operator new(bytes);
  void* block = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  return block;
}

void release_block(void* block, size_t bytes) {
  if (!mapped(bytes)) return ::operator delete(block);
  ::munmap(block, bytes);
}

}  // namespace stave
