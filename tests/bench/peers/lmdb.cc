#include <lmdb.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "bench/error.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(int status, const char* what) {
  if (status != MDB_SUCCESS)
    throw Error(std::string("lmdb: ") + what + ": " + mdb_strerror(status));
}

MDB_val val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

// A transaction that is given up unless it is committed.
class Txn {
 public:
  Txn(MDB_env* env, unsigned flags) { check(mdb_txn_begin(env, nullptr, flags, &txn_), "begin"); }
  ~Txn() { mdb_txn_abort(txn_); }
  Txn(const Txn&) = delete;
  Txn& operator=(const Txn&) = delete;
  MDB_txn* get() const { return txn_; }
  void commit() {
    MDB_txn* txn = txn_;
    txn_ = nullptr;
    check(mdb_txn_commit(txn), "commit");
  }

 private:
  MDB_txn* txn_ = nullptr;
};

// Over a reading transaction that is renewed for it, and reset when it ends.
class LmdbWalk : public Walk {
 public:
  LmdbWalk(MDB_txn* txn, MDB_dbi dbi, Direction direction, Wanted wanted)
      : txn_(txn), forward_(direction == Direction::up ? MDB_NEXT : MDB_PREV), wanted_(wanted) {
    check(mdb_cursor_open(txn, dbi, &cursor_), "cursor");
  }
  ~LmdbWalk() override {
    mdb_cursor_close(cursor_);
    mdb_txn_reset(txn_);
  }

  // Of a new cursor, these are the first and the last.
  bool next(Entry* entry) override { return take(forward_, {}, entry); }
  bool seek(std::string_view key, Entry* entry) override {
    return take(MDB_SET_RANGE, val(key), entry);
  }

 private:
  bool take(MDB_cursor_op op, MDB_val key, Entry* entry) {
    MDB_val value{};
    const int status = mdb_cursor_get(cursor_, &key, &value, op);
    if (status == MDB_NOTFOUND) return false;
    check(status, "cursor");
    entry->key = {static_cast<const char*>(key.mv_data), key.mv_size};
    if (wanted_ == Wanted::keys) return true;
    entry->value = {static_cast<const char*>(value.mv_data), value.mv_size};
    return true;
  }

  MDB_txn* const txn_;
  MDB_cursor* cursor_ = nullptr;
  const MDB_cursor_op forward_;
  const Wanted wanted_;
};

class LmdbEngine : public Engine {
 public:
  ~LmdbEngine() override { mdb_env_close(env_); }

  void open(const Place& place) override {
    check(mdb_env_create(&env_), "env");
    opening_ = ++openings_;
    // Pages of a B+ tree filled in random order are about two thirds full; freed pages wait for
    // readers. Address space costs nothing.
    const uint64_t record = place.key_size + place.value_size + 64;
    const uint64_t size = (place.records * record * 4 + (1ULL << 30)) & ~0xfffULL;
    check(mdb_env_set_mapsize(env_, size), "map size");
    check(mdb_env_set_maxreaders(env_, 512), "readers");
    constexpr unsigned kFlags = MDB_WRITEMAP | MDB_NOSYNC | MDB_NORDAHEAD | MDB_NOMEMINIT;
    check(mdb_env_open(env_, place.dir.c_str(), kFlags, 0666), "open");
    Txn txn(env_, 0);
    check(mdb_dbi_open(txn.get(), nullptr, MDB_CREATE, &dbi_), "open");
    txn.commit();
  }

  void close() override {
    Reader& mine = own_reader();
    if (mine.opening == opening_) mdb_txn_abort(mine.txn);
    mine = {};
    check(mdb_env_sync(env_, 1), "sync");
    mdb_env_close(env_);
    env_ = nullptr;
  }

  void put(std::string_view key, std::string_view value) override {
    Txn txn(env_, 0);
    MDB_val k = val(key);
    MDB_val v = val(value);
    check(mdb_put(txn.get(), dbi_, &k, &v, 0), "put");
    txn.commit();
  }

  // MDB_NOSYNC leaves the flush to us; writers queue at the transaction, not at the flush.
  void put_synced(std::string_view key, std::string_view value) override {
    put(key, value);
    check(mdb_env_sync(env_, 1), "sync");
  }

  bool get(std::string_view key, Found& found) override {
    MDB_txn* txn = reader();
    MDB_val k = val(key);
    MDB_val v{};
    const int status = mdb_get(txn, dbi_, &k, &v);
    if (status == MDB_SUCCESS) {
      const size_t length = std::min(v.mv_size, found.bytes.size());
      std::memcpy(found.bytes.data(), v.mv_data, length);
      found.value = {found.bytes.data(), length};
    }
    mdb_txn_reset(txn);
    if (status == MDB_NOTFOUND) return false;
    check(status, "get");
    return true;
  }

  std::unique_ptr<Walk> walk(Direction direction, Wanted wanted) override {
    return std::make_unique<LmdbWalk>(reader(), dbi_, direction, wanted);
  }

  void erase(std::string_view key) override {
    Txn txn(env_, 0);
    MDB_val k = val(key);
    check(mdb_del(txn.get(), dbi_, &k, nullptr), "delete");
    txn.commit();
  }

 private:
  // One reading transaction per thread, renewed for each get: the cheapest form there is. A slot
  // lasts until its thread ends, and there are 512.
  struct Reader {
    uint64_t opening = 0;
    MDB_txn* txn = nullptr;
  };
  static Reader& own_reader() {
    thread_local Reader reader;
    return reader;
  }
  MDB_txn* reader() {
    Reader& mine = own_reader();
    if (mine.opening != opening_) {
      check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &mine.txn), "begin");
      mine.opening = opening_;
    } else {
      check(mdb_txn_renew(mine.txn), "renew");
    }
    return mine.txn;
  }

  static inline std::atomic<uint64_t> openings_{0};
  uint64_t opening_ = 0;
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
};

}  // namespace

EngineKind lmdb_engine() {
  EngineKind kind;
  kind.name = "lmdb";
  int major = 0;
  int minor = 0;
  int patch = 0;
  mdb_version(&major, &minor, &patch);
  kind.version = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  kind.settings = "MDB_WRITEMAP, MDB_NOSYNC, MDB_NORDAHEAD, one transaction per operation";
  kind.make = [] { return std::make_unique<LmdbEngine>(); };
  kind.key_size_max = 511;
  kind.ordered = true;
  return kind;
}

}  // namespace stave::bench
