// Memory for large buffers that live for a moment, or that nobody can say how long: taken from
// the system and given back to it at once.
//
// malloc keeps what is freed: after the first large block glibc raises the size from which it maps
// blocks (up to 32 MiB) and the size from which it trims, in each thread's arena. One hint built
// left 60 MiB behind, which counted as memory per key.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace stave {

// Blocks below are malloc's: it serves them faster, and they leave little behind.
inline constexpr size_t kPageBlockMin = 64 << 10;

// Not initialised. Throws std::bad_alloc.
[[nodiscard]] void* allocate_block(size_t bytes);
void release_block(void* block, size_t bytes);  // bytes as asked for

template <typename T>
struct PageAllocator {
  using value_type = T;
  PageAllocator() = default;
  template <typename U>
  PageAllocator(const PageAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] T* allocate(size_t n) {  // containers keep n * sizeof(T) below SIZE_MAX / 2
    return static_cast<T*>(allocate_block(n * sizeof(T)));
  }
  void deallocate(T* p, size_t n) { release_block(p, n * sizeof(T)); }
  friend bool operator==(const PageAllocator&, const PageAllocator&) { return true; }
};

template <typename T>
using PageVector = std::vector<T, PageAllocator<T>>;
using PageString = std::basic_string<char, std::char_traits<char>, PageAllocator<char>>;

struct PageDeleter {
  size_t bytes = 0;
  void operator()(char* block) const { release_block(block, bytes); }
};
// Bytes to be read into.
using PageBuffer = std::unique_ptr<char[], PageDeleter>;
[[nodiscard]] inline PageBuffer make_page_buffer(size_t bytes) {
  return PageBuffer(static_cast<char*>(allocate_block(bytes)), PageDeleter{bytes});
}

}  // namespace stave
