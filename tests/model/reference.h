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

using State = std::map<std::string, std::string>;
// A put, or a delete where there is no value.
using Change = std::pair<std::string, std::optional<std::string>>;
using Group = std::vector<Change>;

class Reference {
 public:
  // An acknowledged group.
  void apply(const Group& group);
  // A group whose call failed: it may be found after a crash, or not, but only as a whole.
  void apply_maybe(const Group& group) { maybe_ = group; }
  void all_synced() { synced_ = groups_.size(); }

  [[nodiscard]] const State& now() const { return now_; }
  // Every group of the last crash is settled: history becomes the prefix that was found. False:
  // what was found is no prefix that is allowed.
  bool settle_after_power_cut(const State& found);
  bool settle_after_kill(const State& found);

 private:
  bool settle(const State& found, size_t least);

  std::vector<Group> groups_;  // since the last settled state
  State base_;                 // before groups_
  State now_;
  size_t synced_ = 0;
  std::optional<Group> maybe_;
};

}  // namespace stave::test
