// Bytes as hex, damaged copies, and seeded randomness, for the tests of src/format.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>

#include "base/bytes.h"

namespace stave::test {

inline std::string to_hex(Bytes bytes) {
  std::string text;
  char two[3];
  for (const char c : bytes) {
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<uint8_t>(c)));
    text += two;
  }
  return text;
}

// A copy of exactly this size on the heap, so that asan sees a read past its end.
class Exact {
 public:
  explicit Exact(Bytes bytes) : size_(bytes.size()), data_(new char[bytes.size()]) {
    if (size_ != 0) std::memcpy(data_, bytes.data(), size_);
  }
  ~Exact() { delete[] data_; }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  [[nodiscard]] Bytes bytes() const { return {data_, size_}; }
  [[nodiscard]] char* data() { return data_; }

 private:
  size_t size_;
  char* data_;
};

// Every copy of `good` with one bit flipped must be refused by `accepts`. The number of the
// first accepted bit, or -1.
inline long first_unseen_flip(Bytes good, const std::function<bool(Bytes)>& accepts) {
  Exact copy(good);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    copy.data()[bit / 8] = static_cast<char>(copy.data()[bit / 8] ^ (1 << bit % 8));
    if (accepts(copy.bytes())) return static_cast<long>(bit);
    copy.data()[bit / 8] = good[bit / 8];
  }
  return -1;
}

// Every proper prefix must be refused. The length of the first accepted one, or -1.
inline long first_unseen_cut(Bytes good, const std::function<bool(Bytes)>& accepts) {
  for (size_t n = 0; n < good.size(); ++n) {
    const Exact copy(good.substr(0, n));
    if (accepts(copy.bytes())) return static_cast<long>(n);
  }
  return -1;
}

// STAVE_TEST_SEED replays a run; the seed is printed, so a failure says which.
inline uint64_t test_seed() {
  const char* given = std::getenv("STAVE_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20240601;
  std::printf("STAVE_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t below(uint64_t n) { return engine_() % n; }
  uint64_t bits() { return engine_(); }
  std::string bytes(size_t n) {
    std::string s(n, '\0');
    for (char& c : s) c = static_cast<char>(engine_());
    return s;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace stave::test
