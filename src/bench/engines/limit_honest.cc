// The honest limit: what any store of this kind must do and no more, in straight code. The same
// appends into a mapping, a table that grows, a keyed hash (SipHash-128), a checksum made at each
// put and checked at each get (CRC32C by the processor), the key compared.
#include <sodium.h>

#include <atomic>
#include <mutex>

#include "bench/engine.h"
#include "bench/engines/sparse_log.h"
#include "bench/records.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#define STAVE_CRC_TARGET "sse4.2"
#define STAVE_CRC_WORD _mm_crc32_u64
#define STAVE_CRC_BYTE _mm_crc32_u8
#else
#include <arm_acle.h>
#define STAVE_CRC_TARGET "+crc"
#define STAVE_CRC_WORD __crc32cd
#define STAVE_CRC_BYTE __crc32cb
#endif

namespace stave::bench {
namespace {

__attribute__((target(STAVE_CRC_TARGET))) uint32_t crc32c(const char* bytes, size_t length) {
  uint64_t crc = ~0u;  // the wide instruction's type; its upper half stays 0
  for (; length >= 8; bytes += 8, length -= 8) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    crc = STAVE_CRC_WORD(crc, word);
  }
  for (; length > 0; ++bytes, --length) {
    crc = STAVE_CRC_BYTE(static_cast<uint32_t>(crc), static_cast<unsigned char>(*bytes));
  }
  return ~static_cast<uint32_t>(crc);
}

struct Head {
  uint32_t crc;  // of all that follows
  uint32_t key_size;
  uint32_t value_size;
  uint32_t reserved;
};

// A reader beside the writer sees the old place or the new one. Tables grow only while there are
// no readers: no workload puts new keys beside them.
struct Slot {
  uint64_t tag = 0;
  uint64_t place = 0;  // 0: free, 1: deleted

  uint64_t seen_place() const {
    return std::atomic_ref(const_cast<uint64_t&>(place)).load(std::memory_order_acquire);
  }
  void set_place(uint64_t to) { std::atomic_ref(place).store(to, std::memory_order_release); }
};

class LimitHonestEngine : public Engine {
 public:
  void open(const Place& place) override {
    log_.open(place.dir + "/log");
    randombytes_buf(secret_, sizeof secret_);
    slots_.assign(1024, Slot{});
    used_ = 0;
  }
  void close() override {
    slots_ = {};
    log_.close();
  }

  void put(std::string_view key, std::string_view value) override {
    if (used_ * 4 > slots_.size() * 3) grow();
    const uint64_t place = append(key, value);
    const Hash hash = hash_of(key);
    Slot& slot = slots_[find(slots_, hash)];
    if (slot.place == 0) {
      ++used_;
      slot.tag = hash.tag;
    }
    slot.set_place(place);
  }

  void put_synced(std::string_view key, std::string_view value) override {
    {
      const std::lock_guard lock(mutex_);
      put(key, value);
    }
    log_.sync();
  }

  bool get(std::string_view key, Found& found) override {
    const uint64_t place = slots_[find(slots_, hash_of(key))].seen_place();
    if (place <= 1) return false;
    const char* record = log_.at(place);
    Head head;
    std::memcpy(&head, record, sizeof head);
    const size_t length = sizeof head + head.key_size + head.value_size;
    if (crc32c(record + sizeof head.crc, length - sizeof head.crc) != head.crc) {
      throw Error("limit-honest: a record's checksum is wrong");
    }
    if (std::string_view(record + sizeof head, head.key_size) != key) return false;
    std::memcpy(found.bytes.data(), record + sizeof head + head.key_size, head.value_size);
    found.value = {found.bytes.data(), head.value_size};
    return true;
  }

  void erase(std::string_view key) override {
    append(key, {});
    Slot& slot = slots_[find(slots_, hash_of(key))];
    if (slot.place > 1) slot.set_place(1);
  }

 private:
  struct Hash {
    uint64_t home;
    uint64_t tag;
  };

  Hash hash_of(std::string_view key) const {
    Hash hash;
    static_assert(sizeof hash == crypto_shorthash_siphashx24_BYTES);
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(&hash),
                                reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                                secret_);
    return hash;
  }

  // The tag's low bits choose the slot too, so that growing needs no key.
  static size_t find(const std::vector<Slot>& slots, const Hash& hash) {
    const size_t mask = slots.size() - 1;
    size_t at = hash.tag & mask;
    while (slots[at].seen_place() != 0 && slots[at].tag != hash.tag) at = (at + 1) & mask;
    return at;
  }

  uint64_t append(std::string_view key, std::string_view value) {
    Head head{0, static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size()), 0};
    const size_t length = sizeof head + key.size() + value.size();
    const uint64_t place = log_.reserve(length);
    char* record = log_.at(place);
    std::memcpy(record, &head, sizeof head);
    std::memcpy(record + sizeof head, key.data(), key.size());
    std::memcpy(record + sizeof head + key.size(), value.data(), value.size());
    head.crc = crc32c(record + sizeof head.crc, length - sizeof head.crc);
    std::memcpy(record, &head.crc, sizeof head.crc);
    return place;
  }

  void grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.place != 0) larger[find(larger, {0, slot.tag})] = slot;
    }
    slots_.swap(larger);
  }

  SparseLog log_;
  unsigned char secret_[crypto_shorthash_siphashx24_KEYBYTES];
  std::vector<Slot> slots_;
  uint64_t used_ = 0;
  std::mutex mutex_;
};

}  // namespace

EngineKind limit_honest_engine() {
  EngineKind kind;
  kind.name = "limit-honest";
  kind.settings = "the mapping limit with a growing table, SipHash-128 and CRC32C";
  kind.make = [] { return std::make_unique<LimitHonestEngine>(); };
  kind.role = EngineKind::Role::limit;
  kind.reopens = kind.survives_kill = false;
  return kind;
}

}  // namespace stave::bench
