#include "model/reference.h"

namespace stave::test {
namespace {

void apply_to(State* state, const Group& group) {
  for (const auto& [key, value] : group) {
    if (value) {
      (*state)[key] = *value;
    } else {
      state->erase(key);
    }
  }
}

}  // namespace

State visible(const State& state, uint64_t now_ms) {
  State there = state;
  std::erase_if(there, [&](const auto& entry) {
    const uint64_t at = entry.second.expires_at_ms;
    return at != 0 && at <= now_ms;
  });
  return there;
}

std::optional<Held> Reference::at(const std::string& key, uint64_t now_ms) const {
  const auto it = now_.find(key);
  if (it == now_.end()) return std::nullopt;
  const uint64_t at = it->second.expires_at_ms;
  return at != 0 && at <= now_ms ? std::nullopt : std::optional(it->second);
}

void Reference::apply(const Group& group) {
  groups_.push_back(group);
  apply_to(&now_, group);
}

bool Reference::settle_after_power_cut(const State& found, uint64_t now_ms) {
  return settle(found, synced_, now_ms);
}

bool Reference::settle_after_kill(const State& found, uint64_t now_ms) {
  return settle(found, groups_.size(), now_ms);
}

bool Reference::settle(const State& found, size_t least, uint64_t now_ms) {
  if (maybe_) groups_.push_back(*maybe_);
  maybe_.reset();
  State state = base_;
  bool fits = false;
  for (size_t n = 0; n <= groups_.size(); ++n) {
    if (n > 0) apply_to(&state, groups_[n - 1]);
    fits = fits || (n >= least && visible(state, now_ms) == found);
  }
  base_ = now_ = found;
  groups_.clear();
  synced_ = 0;
  return fits;
}

}  // namespace stave::test
