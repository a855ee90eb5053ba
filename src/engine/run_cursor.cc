#include <algorithm>
#include <array>
#include <span>

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

  void seek(Bytes key) override {
    const PageVector<uint32_t>& places = run_->places;
    const auto found =
        key.empty()
            ? places.begin()
            : std::lower_bound(places.begin(), places.end(), key,
                               [this](uint32_t place, Bytes k) { return before(place, k); });
    next_ = static_cast<size_t>(found - places.begin());
    asked_ = 0;
    batch_size_ = kBatchMin;
    last_key_ = {};
    take_back();
  }

  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const override { return segment_; }

 private:
  bool refill() override {
    const PageVector<uint32_t>& places = run_->places;
    if (next_ >= places.size() || !status_.ok()) return false;
    if (asked_ <= next_) ask(next_, batch_size_);
    const size_t from = next_, count = std::min(asked_, places.size()) - from;
    const std::span batch = std::span(places).subspan(from, count);
    batch_size_ = std::min(2 * batch_size_, kBatchMax);
    ask(asked_, batch_size_);
    size_t good = 0;
    for (; good < batch.size() && heads_.decode(batch[good], &entries_[good]); ++good) {
      const Bytes key = entries_[good].key;
      codes_[good] = key_code::of(key, common_prefix(last_key_, key));
      last_key_ = key;
    }
    if (good == 0) {
      status_ = corrupt_at(*segment_, batch[0] * kRecordAlign, "the record's head has changed");
      return false;
    }
    next_ += good;
    lend(entries_.data(), good, codes_.data());
    return true;
  }

  // Has the heads of the next batch fetched.
  void ask(size_t from, size_t count) {
    const PageVector<uint32_t>& places = run_->places;
    asked_ = std::min(from + count, places.size());
    for (size_t i = from; i < asked_; ++i) {
      __builtin_prefetch(heads_.at(places[i]));
      __builtin_prefetch(heads_.at(places[i]) + kUsualHead - 1);
    }
  }

  [[nodiscard]] bool before(uint32_t place, Bytes key) const {
    HintEntry e;
    return heads_.decode(place, &e) && e.key < key;
  }

  const std::shared_ptr<Segment> segment_;
  const std::shared_ptr<const Run> run_;
  const RunHeads heads_;
  size_t next_ = 0;
  size_t asked_ = 0;  // heads before were fetched
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
