// The second raw limit: one write(2) per record, one pread(2) per get, the same bare table.
#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "bench/engine.h"
#include "bench/engines/limit_table.h"
#include "bench/fd.h"

namespace stave::bench {
namespace {

class LimitWriteEngine : public Engine {
 public:
  void open(const Place& place) override {
    const std::string path = place.dir + "/log";
    file_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
    if (!file_.is_open()) throw_errno(path);
    table_ = std::make_unique<LimitTable>(place.records);
    key_size_ = place.key_size;
    record_.resize(place.key_size + place.value_size);
    end_ = 0;
    write_all(file_.get(), "log.....", path);  // place 0 means none
    end_ = 8;
  }
  void close() override {
    table_.reset();
    file_.reset();
  }

  void put(std::string_view key, std::string_view value) override { append(key, value); }

  void put_synced(std::string_view key, std::string_view value) override {
    {
      const std::lock_guard lock(mutex_);
      append(key, value);
    }
    if (fdatasync(file_.get()) != 0) throw_errno("fdatasync");
  }

  // The key is not compared: that would take a second read, or a longer one.
  bool get(std::string_view key, Found& found) override {
    const uint64_t place = slot_of(LimitTable::hash(key)).place;
    if (place == 0) return false;
    const ssize_t length = pread(file_.get(), found.bytes.data(), record_.size() - key_size_,
                                 static_cast<off_t>(place + key_size_));
    if (length < 0) throw_errno("pread");
    found.value = {found.bytes.data(), static_cast<size_t>(length)};
    return true;
  }

  void erase(std::string_view key) override {
    const uint64_t hash = LimitTable::hash(key);
    write_record(key, {});
    table_->set(slot_of(hash), hash, 0);
  }

 private:
  LimitTable::Slot& slot_of(uint64_t hash) const {
    return table_->find(hash, [](uint64_t) { return true; });
  }

  uint64_t write_record(std::string_view key, std::string_view value) {
    std::memcpy(record_.data(), key.data(), key.size());
    std::memcpy(record_.data() + key.size(), value.data(), value.size());
    const uint64_t place = end_;
    write_all(file_.get(), {record_.data(), key.size() + value.size()}, "log");
    end_ += key.size() + value.size();
    return place;
  }

  void append(std::string_view key, std::string_view value) {
    const uint64_t place = write_record(key, value);
    const uint64_t hash = LimitTable::hash(key);
    table_->set(slot_of(hash), hash, place);
  }

  Fd file_;
  std::unique_ptr<LimitTable> table_;
  std::vector<char> record_;
  size_t key_size_ = 0;
  uint64_t end_ = 0;
  std::mutex mutex_;
};

}  // namespace

EngineKind limit_write_engine() {
  EngineKind kind;
  kind.name = "limit-write";
  kind.settings = "one write(2) per put, one pread(2) per get, a bare table of fixed size";
  kind.make = [] { return std::make_unique<LimitWriteEngine>(); };
  kind.role = EngineKind::Role::limit;
  kind.reopens = kind.survives_kill = false;
  return kind;
}

}  // namespace stave::bench
