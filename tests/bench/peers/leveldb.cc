#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>

#include "bench/error.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(const leveldb::Status& status, const char* what) {
  if (!status.ok()) throw Error(std::string("leveldb: ") + what + ": " + status.ToString());
}

leveldb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class LevelDbWalk : public Walk {
 public:
  LevelDbWalk(leveldb::DB& db, Direction direction, Wanted wanted)
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
    const leveldb::Slice key = iterator_->key();
    entry->key = {key.data(), key.size()};
    if (wanted_ == Wanted::keys) return true;
    const leveldb::Slice value = iterator_->value();
    entry->value = {value.data(), value.size()};
    return true;
  }

  const std::unique_ptr<leveldb::Iterator> iterator_;
  const Direction direction_;
  const Wanted wanted_;
  bool started_ = false;
};

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
    return std::make_unique<LevelDbWalk>(*db_, direction, wanted);
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
