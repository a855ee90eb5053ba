#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>

#include "bench/error.h"
#include "peers/lsm_walk.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(const leveldb::Status& status, const char* what) {
  if (!status.ok()) throw Error(std::string("leveldb: ") + what + ": " + status.ToString());
}

leveldb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class LevelDbEngine : public Engine {
 public:
  void open(const Place& place) override {
    cache_.reset(leveldb::NewLRUCache(kCacheBytes));
    filter_.reset(leveldb::NewBloomFilterPolicy(10));
    leveldb::Options options;
    options.create_if_missing = true;
    options.compression = leveldb::kNoCompression;
    options.block_cache = cache_.get();
    options.filter_policy = filter_.get();
    options.write_buffer_size = 64u << 20;
    leveldb::DB* db = nullptr;
    check(leveldb::DB::Open(options, place.dir, &db), "open");
    db_.reset(db);
  }

  void close() override {
    db_.reset();
    cache_.reset();
    filter_.reset();
  }

  void put(std::string_view key, std::string_view value) override {
    check(db_->Put({}, slice(key), slice(value)), "put");
  }

  void put_synced(std::string_view key, std::string_view value) override {
    leveldb::WriteOptions options;
    options.sync = true;
    check(db_->Put(options, slice(key), slice(value)), "synced put");
  }

  bool get(std::string_view key, Found& found) override {
    const leveldb::Status status = db_->Get({}, slice(key), &found.text);
    if (status.IsNotFound()) return false;
    check(status, "get");
    found.value = found.text;
    return true;
  }

  void erase(std::string_view key) override { check(db_->Delete({}, slice(key)), "delete"); }

  std::unique_ptr<Walk> walk(Direction direction, Wanted wanted) override {
    return std::make_unique<LsmWalk<leveldb::Iterator, decltype(&check)>>(
        db_->NewIterator({}), direction, wanted, &check);
  }

  void merge() override { db_->CompactRange(nullptr, nullptr); }

 private:
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> db_;
};

}  // namespace

EngineKind leveldb_engine() {
  EngineKind kind;
  kind.name = "leveldb";
  kind.version =
      std::to_string(leveldb::kMajorVersion) + "." + std::to_string(leveldb::kMinorVersion);
  kind.settings =
      "no compression, bloom filter of 10 bits, block cache 256 MiB, write buffer 64 MiB";
  kind.make = [] { return std::make_unique<LevelDbEngine>(); };
  kind.merges = true;
  kind.ordered = true;
  return kind;
}

}  // namespace stave::bench
