// The first raw limit: each record is stored into a mapping, its place into a bare table; nothing
// is checked, nothing grows, nothing is found again after a close.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mutex>

#include "bench/engine.h"
#include "bench/engines/limit_table.h"
#include "bench/engines/sparse_log.h"

namespace stave::bench {
namespace {

struct Head {
  uint32_t key_size;
  uint32_t value_size;
};

class LimitMappingEngine : public Engine {
 public:
  void open(const Place& place) override {
    log_.open(place.dir + "/log");
    table_ = std::make_unique<LimitTable>(place.records);
  }
  void close() override {
    table_.reset();
    log_.close();
  }

  void put(std::string_view key, std::string_view value) override { append(key, value); }

  void put_synced(std::string_view key, std::string_view value) override {
    {
      const std::lock_guard lock(mutex_);
      append(key, value);
    }
    log_.sync();
  }

  bool get(std::string_view key, Found& found) override {
    const uint64_t place = slot_of(key, LimitTable::hash(key)).place;
    if (place == 0) return false;
    Head head;
    std::memcpy(&head, log_.at(place), sizeof head);
    std::memcpy(found.bytes.data(), log_.at(place) + sizeof head + head.key_size, head.value_size);
    found.value = {found.bytes.data(), head.value_size};
    return true;
  }

  void erase(std::string_view key) override {
    const uint64_t hash = LimitTable::hash(key);
    LimitTable::Slot& slot = slot_of(key, hash);
    write(key, {});
    table_->set(slot, hash, 0);
  }

 private:
  LimitTable::Slot& slot_of(std::string_view key, uint64_t hash) const {
    return table_->find(hash, [&](uint64_t place) {
      return std::memcmp(log_.at(place) + sizeof(Head), key.data(), key.size()) == 0;
    });
  }

  uint64_t write(std::string_view key, std::string_view value) {
    const Head head{static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
    const uint64_t place = log_.reserve(sizeof head + key.size() + value.size());
    char* to = log_.at(place);
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + sizeof head, key.data(), key.size());
    std::memcpy(to + sizeof head + key.size(), value.data(), value.size());
    return place;
  }

  void append(std::string_view key, std::string_view value) {
    const uint64_t place = write(key, value);
    const uint64_t hash = LimitTable::hash(key);
    table_->set(slot_of(key, hash), hash, place);
  }

  SparseLog log_;
  std::unique_ptr<LimitTable> table_;
  std::mutex mutex_;
};

}  // namespace

EngineKind limit_mapping_engine() {
  EngineKind kind;
  kind.name = "limit-mapping";
  kind.settings = "a store into a mapping and a bare table of fixed size, no checks";
  kind.make = [] { return std::make_unique<LimitMappingEngine>(); };
  kind.role = EngineKind::Role::limit;
  kind.reopens = kind.survives_kill = false;
  return kind;
}

}  // namespace stave::bench
