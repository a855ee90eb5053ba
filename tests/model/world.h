// A store on a modelled disk beside its reference, and the commands that befall both.
#pragma once

#include <memory>
#include <string>

#include "engine/store.h"
#include "model/commands.h"
#include "model/reference.h"
#include "support/fault_fs.h"

namespace stave::test {

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
  [[nodiscard]] State read_all();
  void compare_all();
  void compare_key(const std::string& key);
  [[nodiscard]] Group make_batch(const Command& c);
  [[nodiscard]] std::string next_value(uint32_t size_seed);

  const Options options_;
  std::unique_ptr<FaultFs> fs_;
  std::unique_ptr<Store> store_;
  Reference reference_;
  uint64_t serial_ = 0;  // makes every value different
  bool losses_ = false;
  bool doomed_ = false;                          // the machine will stop before long
  std::map<std::string, std::string> ever_put_;  // "key=value" sets, for expect_losses
};

std::string key_of(uint32_t seed);

}  // namespace stave::test
