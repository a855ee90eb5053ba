// A string of bytes that grows at its end, where what is new need not be set first.
#pragma once

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/page_allocator.h"

namespace stave {

class GrowingBytes {
 public:
  GrowingBytes() = default;
  GrowingBytes(GrowingBytes&& from) noexcept { swap(from); }
  GrowingBytes& operator=(GrowingBytes&& from) noexcept {
    swap(from);
    return *this;
  }
  void swap(GrowingBytes& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  // Where n further bytes are to be written. What data() was may move.
  [[nodiscard]] char* extend(size_t n) {
    if (__builtin_expect(n > capacity_ - size_, 0)) grow(n);
    char* const at = bytes_.get() + size_;
    size_ += n;
    return at;
  }
  void append(Bytes bytes) { copy_short(extend(bytes.size()), bytes.data(), bytes.size()); }
  void shrink(size_t size) { size_ = size; }
  void clear() { size_ = 0; }
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] size_t size() const { return size_; }
  // Bytes that can be added before data() moves.
  [[nodiscard]] size_t room() const { return capacity_ - size_; }

 private:
  void grow(size_t n) {
    constexpr size_t kFirst = 1024;
    const size_t capacity = std::max({kFirst, 2 * capacity_, size_ + n});
    PageBuffer grown = make_page_buffer(capacity);
    if (size_ != 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }

  PageBuffer bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace stave
