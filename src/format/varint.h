// LEB128 numbers (seven bits a byte, lowest first) and a reader that cannot leave its bytes.
#pragma once

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
