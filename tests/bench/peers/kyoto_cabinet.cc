#include <kchashdb.h>

#include <algorithm>

#include "bench/error.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

class KyotoCabinetEngine : public Engine {
 public:
  void open(const Place& place) override {
    db_ = std::make_unique<kyotocabinet::HashDB>();
    const uint64_t record = place.key_size + place.value_size + 32;
    const uint64_t buckets = place.records * 2;
    // The whole file is mapped: outside of the mapping it reads and writes by system calls.
    const uint64_t map = std::min<uint64_t>(place.records * record * 2 + buckets * 6, 8ULL << 30);
    db_->tune_options(kyotocabinet::HashDB::TLINEAR);
    db_->tune_buckets(static_cast<int64_t>(buckets));
    db_->tune_map(static_cast<int64_t>(map + (64u << 20)));
    constexpr uint32_t kMode = kyotocabinet::HashDB::OWRITER | kyotocabinet::HashDB::OCREATE;
    check(db_->open(place.dir + "/store.kch", kMode), "open");
  }

  void close() override {
    check(db_->close(), "close");
    db_.reset();
  }

  void put(std::string_view key, std::string_view value) override {
    check(db_->set(key.data(), key.size(), value.data(), value.size()), "set");
  }

  void put_synced(std::string_view key, std::string_view value) override {
    put(key, value);
    check(db_->synchronize(true), "synchronize");
  }

  bool get(std::string_view key, Found& found) override {
    const int32_t length = db_->get(key.data(), key.size(), found.bytes.data(), found.bytes.size());
    if (length < 0 && db_->error() == kyotocabinet::BasicDB::Error::NOREC) return false;
    check(length >= 0, "get");
    found.value = {found.bytes.data(),
                   std::min<size_t>(static_cast<size_t>(length), found.bytes.size())};
    return true;
  }

  void erase(std::string_view key) override {
    check(db_->remove(key.data(), key.size()), "remove");
  }

 private:
  void check(bool good, const char* what) const {
    if (good) return;
    throw Error(std::string("kyoto cabinet: ") + what + ": " + db_->error().message());
  }

  std::unique_ptr<kyotocabinet::HashDB> db_;
};

}  // namespace

EngineKind kyoto_cabinet_engine() {
  EngineKind kind;
  kind.name = "kyotocabinet";
  kind.version = kyotocabinet::VERSION;
  kind.settings = "HashDB, linear chains, two buckets for each record, the whole file mapped";
  kind.make = [] { return std::make_unique<KyotoCabinetEngine>(); };
  return kind;
}

}  // namespace stave::bench
