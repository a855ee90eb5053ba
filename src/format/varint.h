// LEB128 numbers (seven bits a byte, lowest first) and a reader that cannot leave its bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace stave {

inline constexpr size_t kVarintSizeMax = 10;

// Writes at `to`, which has room for kVarintSizeMax bytes; returns the end.
inline char* put_varint(char* to, uint64_t v) {
  for (; v >= 128; v >>= 7) *to++ = static_cast<char>(v | 128);
  *to++ = static_cast<char>(v);
  return to;
}

template <class String>
void append_varint(String* to, uint64_t v) {
  char text[kVarintSizeMax];
  to->append(text, static_cast<size_t>(put_varint(text, v) - text));
}

// Of the number at `from`, where eight bytes can be read: how many it has, or 0, as the number,
// too, for more than eight.
inline size_t load_varint(const char* from, uint64_t* out) {
  const auto word = load_le<uint64_t>(from);
  const uint64_t last = ~word & 0x8080808080808080;
  if (last == 0) {
    *out = 0;
    return 0;
  }
  const auto size = static_cast<size_t>(std::countr_zero(last)) / 8 + 1;
  // Seven bits of each byte, then fourteen of each two, and so on, move together.
  uint64_t v = word & 0x7f7f7f7f7f7f7f7f & (~0ULL >> (64 - 8 * size));
  v = (v & 0x007f007f007f007f) | (v & 0x7f007f007f007f00) >> 1;
  v = (v & 0x00003fff00003fff) | (v & 0x3fff00003fff0000) >> 2;
  *out = (v & 0x000000000fffffff) | (v & 0x0fffffff00000000) >> 4;
  return size;
}

// Signed differences as small numbers: 0, -1, 1, -2, 2 ... Wraps, so any two values do.
inline uint64_t zigzag(uint64_t difference) { return (difference << 1) ^ -(difference >> 63); }
inline uint64_t unzigzag(uint64_t v) { return (v >> 1) ^ -(v & 1); }

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] bool done() const { return position_ == bytes_.size(); }
  [[nodiscard]] size_t position() const { return position_; }

  bool byte(uint8_t* out) {
    if (done()) return false;
    *out = static_cast<uint8_t>(bytes_[position_++]);
    return true;
  }
  // False at the end of the bytes, for a number over 64 bits and for a needlessly long one.
  bool varint(uint64_t* out) {
    if (position_ < bytes_.size() && static_cast<uint8_t>(bytes_[position_]) < 128) {
      *out = static_cast<uint8_t>(bytes_[position_++]);
      return true;
    }
    return long_varint(out);
  }
  bool bytes(uint64_t n, Bytes* out) {
    if (n > bytes_.size() - position_) return false;
    *out = bytes_.substr(position_, n);
    position_ += n;
    return true;
  }

 private:
  bool long_varint(uint64_t* out) {
    uint64_t v = 0;
    uint8_t b = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (!byte(&b) || (shift == 63 && b > 1)) return false;
      v |= static_cast<uint64_t>(b & 127) << shift;
      if (b < 128) {
        *out = v;
        return b != 0 || shift == 0;
      }
    }
    return false;
  }

  Bytes bytes_;
  size_t position_ = 0;
};

}  // namespace stave
