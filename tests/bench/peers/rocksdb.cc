#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

#include "bench/error.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) throw Error(std::string("rocksdb: ") + what + ": " + status.ToString());
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class RocksDbWalk : public Walk {
 public:
  RocksDbWalk(rocksdb::DB& db, Direction direction, Wanted wanted)
      : iterator_(db.NewIterator({})), direction_(direction), wanted_(wanted) {}

  bool next(Entry* entry) override {
    const bool up = direction_ == Direction::up;
    if (!started_) {
      up ? iterator_->SeekToFirst() : iterator_->SeekToLast();
      started_ = true;
    } else {
      up ? iterator_->Next() : iterator_->Prev();
    }
    return take(entry);
  }
  bool seek(std::string_view key, Entry* entry) override {
    iterator_->Seek(slice(key));
    started_ = true;
    return take(entry);
  }

 private:
  bool take(Entry* entry) {
    if (!iterator_->Valid()) {
      check(iterator_->status(), "next");
      return false;
    }
    const rocksdb::Slice key = iterator_->key();
    entry->key = {key.data(), key.size()};
    if (wanted_ == Wanted::keys) return true;
    const rocksdb::Slice value = iterator_->value();
    entry->value = {value.data(), value.size()};
    return true;
  }

  const std::unique_ptr<rocksdb::Iterator> iterator_;
  const Direction direction_;
  const Wanted wanted_;
  bool started_ = false;
};

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
    return std::make_unique<RocksDbWalk>(*db_, direction, wanted);
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
