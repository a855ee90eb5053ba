#include "engine/range_deletes.h"

#include <algorithm>
#include <utility>

namespace stave {

RangeDeletes::~RangeDeletes() { delete state_.load(std::memory_order_relaxed); }

RangeList RangeDeletes::list() const {
  const State* now = state_.load(std::memory_order_acquire);
  return now == nullptr ? RangeList() : now->list;
}

std::unique_ptr<RangeDeletes::State> RangeDeletes::made_of(RangeList list) {
  retired_.reserve(retired_.size() + 1);
  if (list.empty()) return nullptr;
  auto next = std::make_unique<State>();
  next->cover = RangeCover(list);
  next->list = std::move(list);
  return next;
}

std::unique_ptr<RangeDeletes::State> RangeDeletes::with(const RangeList& more) {
  RangeList list = this->list();
  list.insert(list.end(), more.begin(), more.end());
  return made_of(std::move(list));
}

void RangeDeletes::publish(std::unique_ptr<State> next) noexcept {
  const size_t count = next ? next->list.size() : 0;
  const State* const old = state_.exchange(next.release(), std::memory_order_acq_rel);
  if (old != nullptr) retired_.emplace_back(old);
  count_.store(count, std::memory_order_release);
  if (changed_) changed_();
}

void RangeDeletes::remove(const RangeList& swept) {
  RangeList left = list();
  const size_t before = left.size();
  std::erase_if(left, [&](const HintRangeTombstone& r) {
    return std::any_of(swept.begin(), swept.end(),
                       [&](const HintRangeTombstone& s) { return r.seq == s.seq; });
  });
  if (left.size() != before) publish(made_of(std::move(left)));
}

void RangeDeletes::remove_up_to(uint64_t seq) {
  RangeList left = list();
  const size_t before = left.size();
  std::erase_if(left, [&](const HintRangeTombstone& r) { return r.seq <= seq; });
  if (left.size() != before) publish(made_of(std::move(left)));
}

std::vector<std::unique_ptr<const RangeDeletes::State>> RangeDeletes::take_retired() {
  return std::exchange(retired_, {});
}

}  // namespace stave
