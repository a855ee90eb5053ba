#include <db.h>

#include "bench/error.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(int status, const char* what) {
  if (status != 0) throw Error(std::string("berkeley db: ") + what + ": " + db_strerror(status));
}

DBT dbt(std::string_view bytes) {
  DBT thing = {};
  thing.data = const_cast<char*>(bytes.data());
  thing.size = static_cast<u_int32_t>(bytes.size());
  return thing;
}

// A hash table in the concurrent data store: many readers or one writer, no log. A killed process
// leaves it damaged.
class BerkeleyDbEngine : public Engine {
 public:
  void open(const Place& place) override {
    check(db_env_create(&env_, 0), "environment");
    check(env_->set_cachesize(env_, 0, static_cast<u_int32_t>(kCacheBytes), 1), "cache");
    constexpr u_int32_t kEnvironment =
        DB_CREATE | DB_INIT_CDB | DB_INIT_MPOOL | DB_THREAD | DB_PRIVATE;
    check(env_->open(env_, place.dir.c_str(), kEnvironment, 0666), "environment");
    check(db_create(&db_, env_, 0), "create");
    check(db_->set_h_nelem(db_, static_cast<u_int32_t>(place.records)), "size");
    check(db_->open(db_, nullptr, "store.db", nullptr, DB_HASH, DB_CREATE | DB_THREAD, 0666),
          "open");
  }

  void close() override {
    check(db_->close(db_, 0), "close");
    check(env_->close(env_, 0), "close");
  }

  void put(std::string_view key, std::string_view value) override {
    DBT k = dbt(key);
    DBT v = dbt(value);
    check(db_->put(db_, nullptr, &k, &v, 0), "put");
  }

  void put_synced(std::string_view key, std::string_view value) override {
    put(key, value);
    check(db_->sync(db_, 0), "sync");
  }

  bool get(std::string_view key, Found& found) override {
    DBT k = dbt(key);
    DBT v = {};
    v.data = found.bytes.data();
    v.ulen = static_cast<u_int32_t>(found.bytes.size());
    v.flags = DB_DBT_USERMEM;
    const int status = db_->get(db_, nullptr, &k, &v, 0);
    if (status == DB_NOTFOUND) return false;
    check(status, "get");
    found.value = {found.bytes.data(), v.size};
    return true;
  }

  void erase(std::string_view key) override {
    DBT k = dbt(key);
    check(db_->del(db_, nullptr, &k, 0), "delete");
  }

 private:
  DB_ENV* env_ = nullptr;
  DB* db_ = nullptr;
};

}  // namespace

EngineKind berkeley_db_engine() {
  EngineKind kind;
  kind.name = "berkeleydb";
  int major = 0;
  int minor = 0;
  int patch = 0;
  db_version(&major, &minor, &patch);
  kind.version = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  kind.settings = "hash, concurrent data store, sized for the records, cache 256 MiB, no log";
  kind.make = [] { return std::make_unique<BerkeleyDbEngine>(); };
  kind.survives_kill = false;
  return kind;
}

}  // namespace stave::bench
