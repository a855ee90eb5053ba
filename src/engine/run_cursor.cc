#include <algorithm>
#include <array>

#include "base/key_code.h"
#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

// Heads lie about in the mapping in no order: each is a cache miss, and often one of the page
// table's, unless many are asked for at once. Who looks at one entry only does not pay for many.
constexpr size_t kBatchMin = 4;
constexpr size_t kBatchMax = 16;
constexpr size_t kUsualHead = 40;  // bytes, the key included

class RunCursor final : public Cursor {
 public:
  RunCursor(std::shared_ptr<Segment> segment, std::shared_ptr<const Run> run)
      : segment_(std::move(segment)), run_(std::move(run)), heads_(*segment_, *run_) {}

  void seek(Bytes key) override { start(false, key.empty() ? 0 : index_of(key)); }
  void seek_down(Bytes key) override {
    const size_t n = run_->places.size();
    start(true, n - (key.empty() ? n : index_of(key)));
  }

  [[nodiscard]] const Status& status() const override { return status_; }

 private:
  // The first entry at or after the key.
  [[nodiscard]] size_t index_of(Bytes key) const {
    const PageVector<uint32_t>& places = run_->places;
    const auto found =
        std::lower_bound(places.begin(), places.end(), key,
                         [this](uint32_t place, Bytes k) { return before(place, k); });
    return static_cast<size_t>(found - places.begin());
  }

  void start(bool down, size_t step) {
    down_ = down;
    next_ = step;
    asked_ = 0;
    batch_size_ = kBatchMin;
    last_key_ = {};
    take_back();
  }

  // Steps are entries in the direction of the walk.
  [[nodiscard]] uint32_t place(size_t step) const {
    return run_->places[down_ ? run_->places.size() - 1 - step : step];
  }

  bool refill() override {
    const size_t size = run_->places.size();
    if (next_ >= size || !status_.ok()) return false;
    if (asked_ <= next_) ask(next_, batch_size_);
    const size_t from = next_, count = std::min(asked_, size) - from;
    batch_size_ = std::min(2 * batch_size_, kBatchMax);
    ask(asked_, batch_size_);
    size_t good = 0;
    for (; good < count && heads_.decode(place(from + good), &entries_[good]); ++good) {
      const Bytes key = entries_[good].key;
      const size_t shared = common_prefix(last_key_, key);
      codes_[good] = down_ ? key_code::of_descending(key, shared, last_key_.size())
                           : key_code::of(key, shared);
      last_key_ = key;
    }
    if (good == 0) {
      status_ = corrupt_at(*segment_, place(from) * kRecordAlign, "the record's head has changed");
      return false;
    }
    next_ += good;
    lend(segment_.get(), entries_.data(), good, codes_.data());
    return true;
  }

  // Has the heads of the next batch fetched.
  void ask(size_t from, size_t count) {
    asked_ = std::min(from + count, run_->places.size());
    for (size_t i = from; i < asked_; ++i) {
      const char* head = heads_.at(place(i));
      __builtin_prefetch(head);
      __builtin_prefetch(head + kUsualHead - 1);
    }
  }

  [[nodiscard]] bool before(uint32_t place, Bytes key) const {
    HintEntry e;
    return heads_.decode(place, &e) && e.key < key;
  }

  const std::shared_ptr<Segment> segment_;
  const std::shared_ptr<const Run> run_;
  const RunHeads heads_;
  bool down_ = false;
  size_t next_ = 0;   // step
  size_t asked_ = 0;  // heads of steps before were fetched
  size_t batch_size_ = kBatchMin;
  std::array<HintEntry, kBatchMax> entries_;
  std::array<uint64_t, kBatchMax> codes_;
  Bytes last_key_;  // handed out; in the mapping or in the run's arena
  Status status_;
};

}  // namespace

std::unique_ptr<Cursor> run_cursor(std::shared_ptr<Segment> segment,
                                   std::shared_ptr<const Run> run) {
  return std::make_unique<RunCursor>(std::move(segment), std::move(run));
}

}  // namespace stave
