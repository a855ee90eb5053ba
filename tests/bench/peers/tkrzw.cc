#include <tkrzw_dbm_hash.h>
#include <tkrzw_file_mmap.h>
#include <tkrzw_lib_common.h>

#include "bench/error.h"
#include "peers/peers.h"

namespace stave::bench {
namespace {

void check(const tkrzw::Status& status, const char* what) {
  if (!status.IsOK()) {
    throw Error(std::string("tkrzw: ") + what + ": " + tkrzw::ToString(status));
  }
}

class TkrzwEngine : public Engine {
 public:
  void open(const Place& place) override {
    dbm_ = std::make_unique<tkrzw::HashDBM>(std::make_unique<tkrzw::MemoryMapParallelFile>());
    tkrzw::HashDBM::TuningParameters tuning;
    tuning.num_buckets = static_cast<int64_t>(place.records * 2);
    check(dbm_->OpenAdvanced(place.dir + "/store.tkh", true, tkrzw::File::OPEN_DEFAULT, tuning),
          "open");
  }

  void close() override {
    check(dbm_->Close(), "close");
    dbm_.reset();
  }

  void put(std::string_view key, std::string_view value) override {
    check(dbm_->Set(key, value), "set");
  }

  void put_synced(std::string_view key, std::string_view value) override {
    put(key, value);
    check(dbm_->Synchronize(true), "synchronize");
  }

  bool get(std::string_view key, Found& found) override {
    const tkrzw::Status status = dbm_->Get(key, &found.text);
    if (status == tkrzw::Status::NOT_FOUND_ERROR) return false;
    check(status, "get");
    found.value = found.text;
    return true;
  }

  void erase(std::string_view key) override { check(dbm_->Remove(key), "remove"); }

 private:
  std::unique_ptr<tkrzw::HashDBM> dbm_;
};

}  // namespace

EngineKind tkrzw_engine() {
  EngineKind kind;
  kind.name = "tkrzw";
  kind.version = tkrzw::PACKAGE_VERSION;
  kind.settings = "HashDBM, two buckets for each record, memory-mapped file";
  kind.make = [] { return std::make_unique<TkrzwEngine>(); };
  return kind;
}

}  // namespace stave::bench
