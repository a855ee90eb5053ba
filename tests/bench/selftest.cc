// Engines that lie, each in its own way: a run over one of them must fail. They store in memory.
#include "selftest.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "bench/error.h"

namespace stave::bench {
namespace {

using Values = std::unordered_map<std::string, std::string>;
// What stands on the disk of another engine: it outlives the engine, by directory.
using Disk = std::map<std::string, Values>;

class SelftestWalk : public Walk {
 public:
  SelftestWalk(Lie lie, const Values& values, Direction direction)
      : lie_(lie), up_(direction == Direction::up) {
    for (const auto& [key, value] : values) entries_.emplace_back(key, value);
    std::sort(entries_.begin(), entries_.end());
    if (!up_) std::reverse(entries_.begin(), entries_.end());
  }

  bool next(Entry* entry) override {
    if (lie_ == Lie::skips && next_ == 7) ++next_;
    if (lie_ == Lie::repeats && next_ == 7 && !std::exchange(lied_, true)) --next_;
    if (lie_ == Lie::ends && next_ == 7) return false;
    return take(entry);
  }
  bool seek(std::string_view key, Entry* entry) override {
    const auto below = [](const auto& e, std::string_view k) { return e.first < k; };
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), key, below);
    next_ = static_cast<size_t>(found - entries_.begin()) + (lie_ == Lie::skips ? 1 : 0);
    return take(entry);
  }

 private:
  bool take(Entry* entry) {
    if (next_ >= entries_.size()) return false;
    *entry = {entries_[next_].first, entries_[next_].second};
    ++next_;
    return true;
  }

  Lie lie_;
  bool up_;
  std::vector<std::pair<std::string, std::string>> entries_;
  size_t next_ = 0;
  bool lied_ = false;
};

class Liar : public Engine {
 public:
  Liar(Lie lie, std::shared_ptr<Disk> disk) : lie_(lie), disk_(std::move(disk)) {}

  void open(const Place& place) override {
    value_size_ = place.value_size;
    dir_ = place.dir;
    if (lie_ != Lie::forgets) values_ = (*disk_)[dir_];
  }
  void close() override { (*disk_)[dir_] = values_; }

  void put(std::string_view key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    ++puts_;
    if (lie_ == Lie::loses && puts_ % 10 == 0) return;
    if (lie_ == Lie::stale && values_.count(std::string(key)) > 0) return;
    if (lie_ == Lie::fails && puts_ == 50) throw Error("the engine fails, as it was told to");
    while (lie_ == Lie::hangs && puts_ == 50) pause();
    if (lie_ == Lie::dies && puts_ == 50) std::raise(SIGBUS);
    std::string& stored = values_[std::string(key)];
    stored = value;
    if (lie_ == Lie::reverts) first_.emplace(key, value);
    if (lie_ == Lie::garbles) stored[0] = static_cast<char>(stored[0] ^ 1);
    if (lie_ == Lie::cuts) stored.pop_back();
    if (lie_ == Lie::tail) stored.back() = static_cast<char>(stored.back() ^ 1);
  }

  void put_synced(std::string_view key, std::string_view value) override { put(key, value); }

  bool get(std::string_view key, Found& found) override {
    const std::lock_guard lock(mutex_);
    const auto there = values_.find(std::string(key));
    if (there == values_.end() && lie_ != Lie::invents) return false;
    found.text = there == values_.end() ? std::string(value_size_, 'x') : there->second;
    found.value = found.text;
    return true;
  }

  void erase(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    if (lie_ != Lie::keeps) values_.erase(std::string(key));
  }

  std::unique_ptr<Walk> walk(Direction direction, Wanted) override {
    const std::lock_guard lock(mutex_);
    return std::make_unique<SelftestWalk>(lie_, values_, direction);
  }

  void merge() override {
    const std::lock_guard lock(mutex_);
    if (lie_ == Lie::drops) values_.clear();
  }

  uint64_t merge_capped() override {
    merge();
    const std::lock_guard lock(mutex_);
    if (lie_ == Lie::reverts) values_ = first_;
    return 0;
  }

 private:
  Lie lie_;
  std::shared_ptr<Disk> disk_;
  std::string dir_;
  std::mutex mutex_;  // guards what follows
  size_t value_size_ = 0;
  uint64_t puts_ = 0;
  Values values_;
  Values first_;
};

}  // namespace

std::vector<EngineKind> selftest_engines() {
  static constexpr std::pair<const char*, Lie> kLies[] = {
      {"none", Lie::none},       {"garbles", Lie::garbles}, {"cuts", Lie::cuts},
      {"tail", Lie::tail},       {"loses", Lie::loses},     {"stale", Lie::stale},
      {"invents", Lie::invents}, {"keeps", Lie::keeps},     {"drops", Lie::drops},
      {"reverts", Lie::reverts}, {"forgets", Lie::forgets}, {"fails", Lie::fails},
      {"hangs", Lie::hangs},     {"dies", Lie::dies},       {"skips", Lie::skips},
      {"repeats", Lie::repeats}, {"ends", Lie::ends}};
  std::vector<EngineKind> engines;
  for (const auto& [name, lie] : kLies) {
    EngineKind kind;
    kind.name = std::string("selftest-") + name;
    kind.settings = "for tests";
    kind.make = [told = lie, disk = std::make_shared<Disk>()] {
      return std::make_unique<Liar>(told, disk);
    };
    kind.role = EngineKind::Role::selftest;
    kind.merges = true;
    kind.ordered = true;
    kind.survives_kill = false;
    engines.push_back(std::move(kind));
  }
  return engines;
}

}  // namespace stave::bench
