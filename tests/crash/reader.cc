#include <unistd.h>

#include <vector>

#include "process.h"
#include "workload.h"

namespace crash {
namespace {

class Reader {
 public:
  Reader(const Task& task, SharedState* shared)
      : shared_(shared), random_(task.seed ^ 0x5245414445ULL), seen_(kKeys, 0) {}

  // False: there is something wrong, and it has been told.
  bool round(stave_db* db) {
    std::vector<uint64_t> acked(kKeys);
    for (uint32_t k = 0; k < kKeys; k++) acked[k] = shared_->keys[k].acked.load();
    int code = stave_refresh(db);
    if (code != STAVE_OK) return complain("refresh", 0, code);
    for (int i = 0; i < 300; i++) {
      uint32_t key = static_cast<uint32_t>(random_.below(kKeys));
      if (!check_key(db, key, acked[key])) return false;
    }
    if (random_.below(8) == 0 && !check_order(db)) return false;
    shared_->reader_rounds.fetch_add(1);
    return true;
  }

  bool complain(const char* what, uint32_t key, int code) {
    shared_->reader.make("reader, %s of key %u: %s: %s", what, key, stave_status_name(code),
                         stave_last_error());
    return false;
  }

 private:
  // `acked` was acknowledged before the refresh began, so at least that must be seen.
  bool check_key(stave_db* db, uint32_t key, uint64_t acked) {
    std::string name = key_text(key);
    void* own = nullptr;
    size_t length = 0;
    int code = stave_get(db, name.data(), name.size(), &own, &length);
    uint64_t version = code == STAVE_OK ? version_of(key, own, length) : 0;
    stave_free(own);
    const KeyLog& log = shared_->keys[key];
    if (code == STAVE_NOT_FOUND) {
      uint64_t known = seen_[key] > acked / 2 ? seen_[key] : acked % 2 ? 0 : acked / 2;
      if (known == 0 || log.delete_started.load() > known) return true;
      return complain("absence though acknowledged", key, code);
    }
    if (code != STAVE_OK) return complain("get", key, code);
    if (version == 0) return complain("bytes that were never put", key, code);
    if (version > log.put_started.load()) return complain("a version from the future", key, code);
    if (version < acked / 2 || (acked % 2 && version == acked / 2)) {
      return complain("older than acknowledged", key, code);
    }
    if (version < seen_[key]) return complain("going backwards", key, code);
    seen_[key] = version;
    return true;
  }

  bool check_order(stave_db* db) {
    stave_iter* it = nullptr;
    int code = stave_iter_create(db, "key/", 4, &it);
    std::string last;
    bool good = true;
    while (good && code == STAVE_OK && (code = stave_iter_next(it)) == STAVE_OK) {
      size_t length = 0;
      const void* lent = stave_iter_key(it, &length);
      std::string key(static_cast<const char*>(lent), length);
      const void* value = nullptr;
      if ((code = stave_iter_value(it, &value, &length)) != STAVE_OK) break;
      auto number = static_cast<uint32_t>(std::stoul(key.substr(4, 5)));
      good = last < key && version_of(number, value, length) != 0;
      last = key;
    }
    stave_iter_destroy(it);
    if (!good) return complain("iteration out of order or with bad bytes", 0, code);
    return code == STAVE_DONE || complain("iteration", 0, code);
  }

  SharedState* shared_;
  Random random_;
  std::vector<uint64_t> seen_;
};

}  // namespace

int run_reader(const Task& task, SharedState* shared) {
  Reader reader(task, shared);
  stave_options* o = reader_options(task);
  stave_db* db = nullptr;
  int code = STAVE_NO_STORE;
  while (code == STAVE_NO_STORE && shared->reader_stop.load() == 0) {
    code = stave_open(task.dir.c_str(), o, &db);
    if (code == STAVE_NO_STORE) usleep(2000);  // the first writer has not made it yet
  }
  stave_options_destroy(o);
  if (code == STAVE_NO_STORE) return 0;
  bool good = code == STAVE_OK || reader.complain("open", 0, code);
  while (good && shared->reader_stop.load() == 0) good = reader.round(db);
  if (db != nullptr && (code = stave_close(db)) != STAVE_OK)
    good = reader.complain("close", 0, code);
  stave_release(db);
  return good ? 0 : 1;
}

}  // namespace crash
