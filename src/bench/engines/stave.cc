// stave over its public C API, with every option at its default but io.
#include <stave/stave.h>

#include <algorithm>

#include "bench/engine.h"
#include "bench/error.h"

namespace stave::bench {
namespace {

void check(int status, const char* what) {
  if (status != STAVE_OK) throw Error(std::string("stave: ") + what + ": " + stave_last_error());
}

class StaveWalk : public Walk {
 public:
  StaveWalk(stave_db* db, Direction direction, Wanted wanted) : wanted_(wanted) {
    stave_iter_options options = {};
    options.size = sizeof options;
    if (direction == Direction::down) options.flags |= STAVE_ITER_REVERSE;
    if (wanted == Wanted::keys) options.flags |= STAVE_ITER_KEYS_ONLY;
    check(stave_iter_open(db, &options, &iter_), "iterator");
  }
  ~StaveWalk() override { stave_iter_destroy(iter_); }

  bool next(Entry* entry) override { return take(stave_iter_next(iter_), entry); }
  bool seek(std::string_view key, Entry* entry) override {
    return take(stave_iter_seek(iter_, key.data(), key.size()), entry);
  }

 private:
  bool take(int status, Entry* entry) {
    if (status == STAVE_DONE) return false;
    check(status, "next");
    size_t length = 0;
    const void* bytes = stave_iter_key(iter_, &length);
    entry->key = {static_cast<const char*>(bytes), length};
    if (wanted_ == Wanted::keys) return true;
    check(stave_iter_value(iter_, &bytes, &length), "value");
    entry->value = {static_cast<const char*>(bytes), length};
    return true;
  }

  const Wanted wanted_;
  stave_iter* iter_ = nullptr;
};

class StaveEngine : public Engine {
 public:
  explicit StaveEngine(std::string io) : io_(std::move(io)) {}

  // An engine that is given up (an error on the way) must not checkpoint: release, not close.
  ~StaveEngine() override { stave_release(db_); }

  void open(const Place& place) override {
    stave_options* options = nullptr;
    check(stave_options_create(&options), "options");
    int status = stave_options_set(options, "io", io_.c_str());
    if (status == STAVE_OK) status = stave_open(place.dir.c_str(), options, &db_);
    stave_options_destroy(options);
    check(status, "open");
  }

  void close() override {
    check(stave_close(db_), "close");
    stave_release(db_);
    db_ = nullptr;
  }

  void put(std::string_view key, std::string_view value) override {
    check(stave_put(db_, key.data(), key.size(), value.data(), value.size(), 0), "put");
  }

  void put_synced(std::string_view key, std::string_view value) override {
    check(stave_put(db_, key.data(), key.size(), value.data(), value.size(), STAVE_WRITE_SYNC),
          "synced put");
  }

  bool get(std::string_view key, Found& found) override {
    size_t length = 0;
    void* spill = nullptr;
    const int status = stave_get_into(db_, key.data(), key.size(), found.bytes.data(),
                                      found.bytes.size(), &length, &spill);
    if (status == STAVE_NOT_FOUND) return false;
    check(status, "get");
    if (spill != nullptr) {
      found.text.assign(static_cast<char*>(spill), length);
      stave_free(spill);
      found.value = found.text;
    } else {
      found.value = {found.bytes.data(), length};
    }
    return true;
  }

  void erase(std::string_view key) override {
    check(stave_delete(db_, key.data(), key.size(), 0), "delete");
  }

  std::unique_ptr<Walk> walk(Direction direction, Wanted wanted) override {
    return std::make_unique<StaveWalk>(db_, direction, wanted);
  }

  void merge() override { check(stave_merge(db_, STAVE_MERGE_UNCAPPED), "merge"); }

  void sort() override {
    check(stave_merge(db_, STAVE_MERGE_UNCAPPED | STAVE_MERGE_SORT), "merge");
  }

  uint64_t merge_capped() override {
    const uint64_t before = merged_bytes();
    check(stave_merge(db_, 0), "merge");
    return merged_bytes() - before;
  }

  // A file's hint has one entry for each key, however many of its records are in the file.
  std::map<std::string, double> to_load() override {
    std::map<std::string, double> keys = {{"keys_in_hints", 0}, {"keys_in_unsealed_files", 0}};
    const uint64_t keys_max = stats().keys;
    stave_files* files = nullptr;
    check(stave_files_create(db_, &files), "files");
    for (size_t i = 0; i < stave_files_count(files); ++i) {
      stave_file_info file;
      file.size = sizeof file;
      if (stave_files_at(files, i, &file) != STAVE_OK) continue;
      const bool hint = file.state == STAVE_FILE_SEALED && file.has_hint != 0;
      keys[hint ? "keys_in_hints" : "keys_in_unsealed_files"] +=
          static_cast<double>(std::min(keys_max, file.live_records + file.dead_records));
    }
    stave_files_destroy(files);
    return keys;
  }

 private:
  stave_stats stats() {
    stave_stats stats;
    stats.size = sizeof stats;
    check(stave_get_stats(db_, &stats), "statistics");
    return stats;
  }
  uint64_t merged_bytes() {
    const stave_stats now = stats();
    return now.merge_bytes_read + now.merge_bytes_written;
  }

  std::string io_;
  stave_db* db_ = nullptr;
};

}  // namespace

EngineKind stave_engine(const char* io) {
  EngineKind kind;
  const bool mapped = std::string_view(io) == "mapped";
  kind.name = mapped ? "stave" : "stave-positional";
  kind.version = stave_version();
  kind.settings = mapped ? "defaults" : "io=positional, else defaults";
  kind.make = [io = std::string(io)] { return std::make_unique<StaveEngine>(io); };
  kind.role = EngineKind::Role::ours;
  kind.merges = true;
  kind.ordered = true;
  return kind;
}

}  // namespace stave::bench
