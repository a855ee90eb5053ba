#include "engine/range_deletes.h"

#include <algorithm>
#include <utility>

namespace stave {

RangeDeletes::~RangeDeletes() { delete state_.load(std::memory_order_relaxed); }

uint64_t RangeDeletes::State::seq_over(Bytes key) const {
  uint64_t seq = 0;
  for (const auto& part : parts) seq = std::max(seq, part->cover.seq_over(key));
  return seq;
}

RangeList RangeDeletes::list() const {
  RangeList list;
  const State* now = state_.load(std::memory_order_acquire);
  if (now == nullptr) return list;
  list.reserve(now->count);
  for (const auto& part : now->parts) {
    list.insert(list.end(), part->list.begin(), part->list.end());
  }
  return list;
}

std::unique_ptr<RangeDeletes::State> RangeDeletes::made_of(RangeList list) {
  retired_.reserve(retired_.size() + 1);
  if (list.empty()) return nullptr;
  auto next = std::make_unique<State>();
  next->count = list.size();
  RangeCover cover(list);
  next->parts.push_back(std::make_shared<const Part>(Part{std::move(list), std::move(cover)}));
  return next;
}

std::unique_ptr<RangeDeletes::State> RangeDeletes::with(const RangeList& more) {
  const State* const now = state_.load(std::memory_order_acquire);
  if (now == nullptr) return made_of(more);
  size_t kept = now->parts.size();
  size_t length = more.size();
  while (kept > 0 && now->parts[kept - 1]->list.size() <= length) {
    length += now->parts[--kept]->list.size();
  }
  RangeList last;
  last.reserve(length);
  for (size_t i = kept; i < now->parts.size(); ++i) {
    const RangeList& part = now->parts[i]->list;
    last.insert(last.end(), part.begin(), part.end());
  }
  last.insert(last.end(), more.begin(), more.end());
  auto next = made_of(std::move(last));
  if (!next) next = std::make_unique<State>();
  next->parts.insert(next->parts.begin(), now->parts.begin(),
                     now->parts.begin() + static_cast<ptrdiff_t>(kept));
  next->count = now->count + more.size();
  return next;
}

void RangeDeletes::publish(std::unique_ptr<State> next) noexcept {
  const size_t count = next ? next->count : 0;
  const State* const old = state_.exchange(next.release(), std::memory_order_acq_rel);
  if (old != nullptr) retired_.emplace_back(old);
  count_.store(count, std::memory_order_release);
  if (changed_) changed_();
}

void RangeDeletes::remove(const RangeList& swept) {
  std::vector<uint64_t> seqs;
  seqs.reserve(swept.size());
  for (const HintRangeTombstone& s : swept) seqs.push_back(s.seq);
  std::sort(seqs.begin(), seqs.end());
  RangeList left = list();
  std::erase_if(left, [&](const HintRangeTombstone& r) {
    return std::binary_search(seqs.begin(), seqs.end(), r.seq);
  });
  replace(std::move(left));
}

void RangeDeletes::remove_up_to(uint64_t seq) {
  RangeList left = list();
  std::erase_if(left, [&](const HintRangeTombstone& r) { return r.seq <= seq; });
  replace(std::move(left));
}

void RangeDeletes::replace(RangeList left) {
  if (left.size() != count()) publish(made_of(std::move(left)));
}

std::vector<std::unique_ptr<const RangeDeletes::State>> RangeDeletes::take_retired() {
  return std::exchange(retired_, {});
}

}  // namespace stave
