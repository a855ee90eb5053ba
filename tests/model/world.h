// A store on a modelled disk beside its reference, and the commands that befall both.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/store.h"
#include "model/commands.h"
#include "model/reference.h"
#include "support/fault_fs.h"

namespace stave::test {

// The wall clock moves when it is told to. The other one runs besides: who waits waits by it.
class ModelClock final : public Clock {
 public:
  [[nodiscard]] uint64_t now_ms() const override { return wall_ms_; }
  [[nodiscard]] uint64_t now_us() const override {
    return system_clock().now_us() + passed_ms_ * 1000;
  }
  [[nodiscard]] int local_hour() const override { return 12; }
  void pass(uint64_t ms) {
    wall_ms_ += ms;
    passed_ms_ += ms;
    highest_ms_ = std::max<uint64_t>(highest_ms_, wall_ms_);
  }
  void set_back(uint64_t ms) { wall_ms_ -= ms; }
  void set_right() { wall_ms_ = highest_ms_; }
  // What counts for expiry, while the wall clock is not set back too far.
  [[nodiscard]] uint64_t highest_ms() const { return highest_ms_; }

 private:
  std::atomic<uint64_t> wall_ms_{1'800'000'000'000};
  std::atomic<uint64_t> passed_ms_{0};
  uint64_t highest_ms_ = wall_ms_;
};

class World {
 public:
  explicit World(const Options& options);
  ~World();

  // Does the command to both and compares what it touched. Fails the property by RC_ASSERT.
  void run(const Command& c);
  // Compares everything, also after closing and opening once more.
  void finish();

  // With a shrunk hash keys collide, and the older of two may be lost: then a get must give a
  // value that was once put under that very key, or nothing.
  void expect_losses() { losses_ = true; }

 private:
  void open();
  void crash(bool power, uint64_t seed);
  void crash_if_frozen(const Command& c);
  // The call's result: applied, or, when it failed on a doomed machine, perhaps.
  void conclude(const Status& s, const Group& group);
  void put_ttl(const Command& c);
  void set_clock(const Command& c);
  void disturb(const Command& c);
  void remove(const Command& c);
  void batch(const Command& c);
  // world_ranges.cc
  void delete_range(const Command& c);
  void clear();
  void compare_count(const std::string& from, const std::string& to);
  // world_update.cc
  void update(const Command& c);
  void guarded(const Command& c);
  // A call on `key` that must answer `code` and, if that is ok, does `group`.
  void expect(const Status& s, Code code, const Group& group);
  void compare_and_set(const Command& c, const std::string& key);
  void by_version(const Command& c, const std::string& key);
  void by_value(const Command& c, const std::string& key);
  void swap(const Command& c, const std::string& key);
  void increment(const Command& c, const std::string& key);
  void append(const Command& c, const std::string& key);
  void change_expiry(const Command& c, const std::string& key);
  [[nodiscard]] std::optional<Held> present(const std::string& key) const {
    return reference_.at(key, clock_.highest_ms());
  }
  [[nodiscard]] uint64_t version_of(const std::string& key);

  [[nodiscard]] State read_all();
  // An iterator's, a snapshot's and the held snapshots' view of things.
  void walk_now(uint64_t seed);
  void hold(uint64_t seed);
  void look(uint64_t seed);
  void compare_all();
  void compare_key(const std::string& key);
  [[nodiscard]] Group make_batch(const Command& c);
  [[nodiscard]] std::string next_value(uint32_t size_seed);

  struct Moment {
    std::shared_ptr<StoreSnapshot> snapshot;
    State state;
  };

  const Options options_;
  ModelClock clock_;
  std::unique_ptr<FaultFs> fs_;
  std::unique_ptr<Store> store_;
  std::vector<Moment> held_;  // of store_, on fs_
  Reference reference_;
  bool expiry_ = false;  // was used
  bool ranges_ = false;  // were deleted
  uint64_t serial_ = 0;  // makes every value different
  bool losses_ = false;
  bool doomed_ = false;                          // the machine will stop before long
  std::map<std::string, std::string> ever_put_;  // "key=value" sets, for expect_losses
};

std::string key_of(uint32_t seed);
std::vector<std::string> all_keys();

}  // namespace stave::test
