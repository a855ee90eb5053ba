#include "engine/iterator.h"

#include <algorithm>
#include <utility>

#include "base/prefetch.h"

namespace stave {

namespace {

// Who looks at one entry only does not pay for many.
constexpr size_t kBatchMin = 12;
constexpr size_t kBatchMax = 64;
// Of those decided on: few enough that the lines come while others are decided on, enough that the
// page walks, which everything behind them waits for, are made side by side.
constexpr size_t kFetchedAtOnce = 8;
constexpr size_t kKeysMax = 256 << 10;
constexpr uint64_t kFetchMax = 256;  // bytes of a record; longer ones are fetched by reading

// The least key above all that begin with the prefix; empty: there is none.
std::string end_of_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

Result<std::unique_ptr<Iterator>> Iterator::open(std::shared_ptr<Env> env, Snapshot snapshot,
                                                 const IterateOptions& options) {
  auto sources = SnapshotSources::open(std::move(env), std::move(snapshot));
  if (!sources.ok()) return sources.status();
  return std::make_unique<Iterator>(sources.take(), options);
}

Result<std::unique_ptr<Iterator>> Iterator::open(std::shared_ptr<Env> env, Snapshot snapshot,
                                                 const std::string& prefix) {
  IterateOptions options;
  options.prefix = prefix;
  return open(std::move(env), std::move(snapshot), options);
}

Iterator::Iterator(std::shared_ptr<const SnapshotSources> sources, const IterateOptions& options)
    : sources_(std::move(sources)),
      cursor_(sources_->cursor()),
      forward_(options.reverse ? Direction::down : Direction::up),
      keys_only_(options.keys_only),
      limit_(std::min<uint64_t>(options.limit, INT64_MAX)),
      low_(options.from),
      high_(options.to),
      place_(edge(other(forward_))) {
  narrow_to_prefix(options.prefix);
  nothing_ = !high_.empty() && low_ >= high_;
}

void Iterator::narrow_to_prefix(const std::string& prefix) {
  if (prefix.empty()) return;
  low_ = std::max(low_, prefix);
  const std::string end = end_of_prefix(prefix);
  if (!end.empty() && (high_.empty() || end < high_)) high_ = end;
}

inline bool Iterator::outside(Bytes key) const {
  if (walk_ == Direction::down) return key < Bytes(low_);
  return !high_.empty() && key >= Bytes(high_);
}

// Has the record on its way while others are decided on.
inline void Iterator::fetch(const Item& item) const {
  const char* const mapped = item.segment->mapped();
  if (mapped == nullptr) return;
  const uint64_t size = record_size(item.key_length, item.value_length, item.expires_at_ms != 0);
  if (item.offset + size > item.segment->map_length()) return;
  prefetch_lines(mapped + item.offset, std::min(size, kFetchMax));
}

// Adds the next live key of the walk. False at the end of the range or on an error.
inline bool Iterator::decide(Batch* batch) {
  if (!std::exchange(looked_ahead_, true)) pending_ = cursor_->next();
  const bool down = walk_ == Direction::down;
  const size_t key_at = batch->keys.size();
  while (pending_) {
    const Bytes lent = cursor_->entry().key;
    if (outside(lent)) return pending_ = false;
    batch->keys.append(lent);
    HintEntry newest;
    const Segment* segment = nullptr;
    do {
      const HintEntry& e = cursor_->entry();
      // Downwards the newest comes last.
      if (e.seq <= sources_->seq() && (down || segment == nullptr)) {
        newest = e;
        segment = &cursor_->segment();
      }
      pending_ = cursor_->next();
    } while (pending_ && cursor_->repeats_key());
    // After an error newer ones may be missing.
    if (segment != nullptr && (pending_ || cursor_->status().ok())) {
      newest.key = Bytes(batch->keys.data() + key_at, newest.key.size());
      if (sources_->live(newest)) {
        batch->items.push_back({segment, newest.seq, newest.offset, newest.expires_at_ms,
                                newest.value_length, static_cast<uint32_t>(key_at),
                                static_cast<uint32_t>(newest.key.size())});
        return true;
      }
    }
    batch->keys.shrink(key_at);
  }
  return false;
}

void Iterator::decide_some(Batch* batch, size_t wish) {
  size_t fetched = 0;
  const auto fetch_decided = [&] {
    for (; fetched < batch->items.size(); ++fetched) fetch(batch->items[fetched]);
  };
  while (batch->items.size() < wish && batch->keys.size() < kKeysMax && decide(batch)) {
    if (!keys_only_ && batch->items.size() == fetched + kFetchedAtOnce) fetch_decided();
  }
  if (!keys_only_) fetch_decided();
}

// How many entries to decide on at once, when some behind the present one are decided on.
size_t Iterator::wanted(size_t decided) const {
  const size_t usual = batch_size_;
  if (limit_ == 0 || walk_ != forward_) return usual;
  const int64_t asked_for = static_cast<int64_t>(limit_) - position_ + 1;  // the next one, too
  const int64_t left = asked_for - static_cast<int64_t>(decided);
  return left < 1 ? 0 : std::min<uint64_t>(usual, static_cast<uint64_t>(left));
}

// The walk's next entries; the first of them becomes the present one.
Status Iterator::fill() {
  moving_ = true;
  std::swap(ready_, coming_);
  coming_.clear();
  at_ = 0;
  if (ready_.items.empty()) decide_some(&ready_, std::max<size_t>(wanted(0), 1));
  if (batch_size_ == kBatchMax) decide_some(&coming_, wanted(ready_.items.size()));
  batch_size_ = std::min(2 * batch_size_, kBatchMax);
  moving_ = false;
  if (!ready_.items.empty()) {
    place_ = Place::at;
    return {};
  }
  place_ = edge(walk_);
  status_ = cursor_->status();
  return status_.ok() ? Status::answer(Code::done) : status_;
}

// `bound`: inclusive upwards, exclusive downwards.
void Iterator::start(Direction d, Bytes bound) {
  moving_ = true;
  walk_ = d;
  looked_ahead_ = pending_ = false;
  batch_size_ = kBatchMin;
  coming_.clear();
  ready_.clear();
  if (d == Direction::up) {
    cursor_->seek(bound);
  } else {
    cursor_->seek_down(bound);
  }
}

Status Iterator::turn_round(Direction d) {
  moving_ = true;
  bound_.assign(key_of(ready_.items[0]));
  const size_t size = bound_.size();
  if (d == Direction::down) bound_.push_back('\0');  // the next greater key there can be
  start(d, bound_);
  const Status s = fill();
  if (!s.ok() && !s.is(Code::done)) return s;
  if (!s.ok() || key_of(ready_.items[0]) != Bytes(bound_).substr(0, size)) {
    place_ = edge(d);
    status_ = {Code::corrupt, "an index does not lead back to the key that it led to"};
  }
  return status_;
}

Status Iterator::go(Direction d) {
  if (place_ == edge(d)) return Status::answer(Code::done);
  if (place_ != Place::at) {
    if (nothing_) {
      place_ = edge(d);
      return Status::answer(Code::done);
    }
    start(d, d == Direction::up ? low_ : high_);
    return fill();
  }
  if (d != walk_) {
    if (at_ > 0) {
      --at_;
      return {};
    }
    STAVE_RETURN_IF_ERROR(turn_round(d));
  }
  if (at_ + 1 == ready_.items.size()) return fill();
  ++at_;
  return {};
}

Status Iterator::may_move() const {
  if (moving_) return {Code::no_memory, "an earlier call on the iterator ran out of memory"};
  return status_;
}

Status Iterator::next() {
  if (__builtin_expect(moving_ || !status_.ok(), 0)) return may_move();
  if (past_limit_) return Status::answer(Code::done);
  if (limit_ != 0 && place_ == Place::at && position_ >= static_cast<int64_t>(limit_)) {
    past_limit_ = true;
    return Status::answer(Code::done);
  }
  if (place_ != edge(forward_)) ++position_;
  return go(forward_);
}

Status Iterator::prev() {
  if (moving_ || !status_.ok()) return may_move();
  if (std::exchange(past_limit_, false)) return {};
  if (place_ != edge(other(forward_))) --position_;
  return go(other(forward_));
}

Status Iterator::seek(Bytes key) {
  if (moving_ || !status_.ok()) return may_move();
  past_limit_ = false;
  position_ = 1;
  bound_.assign(key);
  bool none = nothing_;
  if (forward_ == Direction::up) {
    none = none || (!high_.empty() && bound_ >= high_);
    bound_ = std::max(bound_, low_);
  } else {
    none = none || bound_ < low_;
    bound_.push_back('\0');
    if (!high_.empty()) bound_ = std::min(bound_, high_);
  }
  if (none) {
    place_ = edge(forward_);
    return Status::answer(Code::done);
  }
  start(forward_, bound_);
  return fill();
}

Status Iterator::seek_first() {
  if (moving_ || !status_.ok()) return may_move();
  past_limit_ = false;
  position_ = 0;
  place_ = edge(other(forward_));
  return next();
}

Status Iterator::seek_last() {
  if (moving_ || !status_.ok()) return may_move();
  past_limit_ = false;
  position_ = 1;
  place_ = edge(forward_);
  return go(other(forward_));
}

Status Iterator::value(Bytes* out) {
  *out = Bytes();
  if (!valid()) return {Code::invalid_argument, "the iterator stands at no entry"};
  const Item& item = ready_.items[at_];
  const HintEntry entry{key_of(item), Kind::put,         item.seq,
                        item.offset,  item.value_length, item.expires_at_ms};
  return read_indexed(*sources_->env(), *item.segment, entry, &buffer_, out);
}

}  // namespace stave
