#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

#include "bench/error.h"
#include "peers/lsm_walk.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) throw Error(std::string("rocksdb: ") + what + ": " + status.ToString());
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class RocksDbEngine : public Engine {
 public:
  void open(const Place& place) override {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.IncreaseParallelism(2);
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(options, place.dir, &db), "open");
    db_.reset(db);
  }

  void close() override {
    check(db_->Close(), "close");
    db_.reset();
  }

  void put(std::string_view key, std::string_view value) override {
    check(db_->Put({}, slice(key), slice(value)), "put");
  }

  void put_synced(std::string_view key, std::string_view value) override {
    rocksdb::WriteOptions options;
    options.sync = true;
    check(db_->Put(options, slice(key), slice(value)), "synced put");
  }

  bool get(std::string_view key, Found& found) override {
    const rocksdb::Status status = db_->Get({}, slice(key), &found.text);
    if (status.IsNotFound()) return false;
    check(status, "get");
    found.value = found.text;
    return true;
  }

  void erase(std::string_view key) override { check(db_->Delete({}, slice(key)), "delete"); }

  std::unique_ptr<Walk> walk(Direction direction, Wanted wanted) override {
    return std::make_unique<LsmWalk<rocksdb::Iterator, decltype(&check)>>(
        db_->NewIterator({}), direction, wanted, &check);
  }

  void merge() override { check(db_->CompactRange({}, nullptr, nullptr), "compact"); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

EngineKind rocksdb_engine() {
  EngineKind kind;
  kind.name = "rocksdb";
  kind.version = std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR) + "." +
                 std::to_string(ROCKSDB_PATCH) + " (Debian's, built with assertions)";
  kind.settings =
      "no compression, bloom filter of 10 bits, block cache 256 MiB, 2 background threads";
  kind.make = [] { return std::make_unique<RocksDbEngine>(); };
  kind.merges = true;
  kind.ordered = true;
  return kind;
}

}  // namespace stave::bench
