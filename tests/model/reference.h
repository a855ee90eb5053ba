// What the store must hold: the history of atomic groups of operations, and which of them are
// promised to survive a power cut.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stave::test {

struct Held {
  std::string value;
  uint64_t expires_at_ms = 0;
  friend bool operator==(const Held&, const Held&) = default;
};
using State = std::map<std::string, Held>;
// A put, or a delete where there is no value.
using Step = std::pair<std::string, std::optional<Held>>;
using Group = std::vector<Step>;

// Without what has expired.
State visible(const State& state, uint64_t now_ms);

class Reference {
 public:
  // An acknowledged group.
  void apply(const Group& group);
  // A group whose call failed: it may be found after a crash, or not, but only as a whole.
  void apply_maybe(const Group& group) { maybe_ = group; }
  void all_synced() { synced_ = groups_.size(); }

  // What is there at that time, which never goes back.
  [[nodiscard]] State at(uint64_t now_ms) const { return visible(now_, now_ms); }
  [[nodiscard]] std::optional<Held> at(const std::string& key, uint64_t now_ms) const;
  // Every group of the last crash is settled: history becomes the prefix that was found. False:
  // what was found is no prefix that is allowed.
  bool settle_after_power_cut(const State& found, uint64_t now_ms);
  bool settle_after_kill(const State& found, uint64_t now_ms);

 private:
  bool settle(const State& found, size_t least, uint64_t now_ms);

  std::vector<Group> groups_;  // since the last settled state
  State base_;                 // before groups_
  State now_;
  size_t synced_ = 0;
  std::optional<Group> maybe_;
};

}  // namespace stave::test
