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

void Reference::apply(const Group& group) {
  groups_.push_back(group);
  apply_to(&now_, group);
}

bool Reference::settle_after_power_cut(const State& found) { return settle(found, synced_); }

bool Reference::settle_after_kill(const State& found) { return settle(found, groups_.size()); }

bool Reference::settle(const State& found, size_t least) {
  if (maybe_) groups_.push_back(*maybe_);
  maybe_.reset();
  State state = base_;
  bool fits = false;
  for (size_t n = 0; n <= groups_.size(); ++n) {
    if (n > 0) apply_to(&state, groups_[n - 1]);
    fits = fits || (n >= least && state == found);
  }
  base_ = now_ = found;
  groups_.clear();
  synced_ = 0;
  return fits;
}

}  // namespace stave::test
