// Keys and values of the benchmark, made from record numbers, so that every answer can be checked
// without remembering anything.
//
// A key begins with a mixed number (a bijection of 64 bits: no two records share a key, and keys
// in order of record number are in random order). A value is random bytes whose first and last
// eight tell record and version; versions are 0 to 255.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace stave::bench {

inline constexpr size_t kKeySizeMin = 8;
inline constexpr size_t kKeySizeMax = 1024;
inline constexpr size_t kValueSizeMin = 16;
inline constexpr size_t kValueSizeMax = 16u << 20;

// Records from here on are never stored: readmissing asks for them.
inline constexpr uint64_t kMissingFrom = 1ULL << 48;

// The finaliser of splitmix64, a bijection.
inline uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

// unmix(mix(x)) == x
inline uint64_t unmix(uint64_t x) {
  x = (x ^ x >> 31 ^ x >> 62) * 0x319642b2d24d8ec3ULL;
  x = (x ^ x >> 27 ^ x >> 54) * 0x96de1b173f119089ULL;
  return (x ^ x >> 30 ^ x >> 60) - 0x9e3779b97f4a7c15ULL;
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(mix(seed)) {}
  uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  uint64_t below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  double fraction() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)

 private:
  uint64_t state_;
};

enum class KeyOrder {
  mixed,   // numbers in ascending order are keys in random order
  sorted,  // ... in ascending order
};

class KeyMaker {
 public:
  KeyMaker(size_t size, uint64_t seed, KeyOrder order = KeyOrder::mixed)
      : key_(size, 'k'), seed_(mix(seed)), order_(order) {}

  // Lent until the next call.
  std::string_view operator()(uint64_t record) {
    uint64_t head = order_ == KeyOrder::mixed ? mix(record ^ seed_) : __builtin_bswap64(record);
    std::memcpy(key_.data(), &head, sizeof head);
    if (key_.size() >= 16) {
      uint64_t tail = mix(head);
      std::memcpy(key_.data() + 8, &tail, sizeof tail);
    }
    return key_;
  }

  // The record whose key it is; false if it is none's.
  bool record_of(std::string_view key, uint64_t* record) {
    if (key.size() != key_.size()) return false;
    uint64_t head;
    std::memcpy(&head, key.data(), sizeof head);
    *record = order_ == KeyOrder::mixed ? unmix(head) ^ seed_ : __builtin_bswap64(head);
    return (*this)(*record) == key;
  }

 private:
  std::string key_;
  uint64_t seed_;
  KeyOrder order_;
};

inline uint64_t value_tag(uint64_t record, uint8_t version) {
  return (mix(~record) & ~0xffULL) | version;
}

// A window into a pool of random bytes that moves with each call: values differ, and making one
// costs two stores and no copy.
class ValueMaker {
 public:
  ValueMaker(size_t size, uint64_t seed);

  // Lent until the next call.
  std::string_view operator()(uint64_t record, uint8_t version) {
    at_ = (at_ + 24) & (kPoolBytes - 1);
    char* value = pool_.data() + at_;
    uint64_t tag = value_tag(record, version);
    std::memcpy(value, &tag, sizeof tag);
    tag = ~tag;
    std::memcpy(value + size_ - sizeof tag, &tag, sizeof tag);
    return {value, size_};
  }

 private:
  static constexpr size_t kPoolBytes = 64u << 10;  // stays in the second cache
  size_t size_;
  size_t at_ = 0;
  std::vector<char> pool_;
};

// True if `value` is a value of `record` with a version in [oldest, newest].
inline bool value_is_right(std::string_view value, size_t size, uint64_t record, uint8_t oldest,
                           uint8_t newest) {
  if (value.size() != size) return false;
  uint64_t head;
  uint64_t tail;
  std::memcpy(&head, value.data(), sizeof head);
  std::memcpy(&tail, value.data() + size - sizeof tail, sizeof tail);
  auto version = static_cast<uint8_t>(head);
  return tail == ~head && head == value_tag(record, version) && version >= oldest &&
         version <= newest;
}

// Why value_is_right said no.
std::string what_is_wrong(std::string_view value, size_t size, uint64_t record, uint8_t oldest,
                          uint8_t newest);

}  // namespace stave::bench
