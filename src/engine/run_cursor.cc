#include <algorithm>

#include "engine/run.h"
#include "engine/tail_index.h"

namespace stave {
namespace {

// Heads lie about in the mapping in no order: each is a cache miss unless asked for in time.
constexpr size_t kPrefetchAhead = 12;

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
  }

  bool next() override {
    const PageVector<uint32_t>& places = run_->places;
    if (next_ >= places.size() || !status_.ok()) return false;
    if (next_ + kPrefetchAhead < places.size()) {
      __builtin_prefetch(heads_.at(places[next_ + kPrefetchAhead]));
    }
    const uint32_t place = places[next_++];
    if (heads_.decode(place, &entry_)) return true;
    status_ = corrupt_at(*segment_, place * kRecordAlign, "the record's head has changed");
    return false;
  }

  [[nodiscard]] const HintEntry& entry() const override { return entry_; }
  [[nodiscard]] const Status& status() const override { return status_; }
  [[nodiscard]] const std::shared_ptr<Segment>& segment() const override { return segment_; }

 private:
  [[nodiscard]] bool before(uint32_t place, Bytes key) const {
    HintEntry e;
    return heads_.decode(place, &e) && e.key < key;
  }

  const std::shared_ptr<Segment> segment_;
  const std::shared_ptr<const Run> run_;
  const RunHeads heads_;
  size_t next_ = 0;
  HintEntry entry_;
  Status status_;
};

}  // namespace

std::unique_ptr<Cursor> run_cursor(std::shared_ptr<Segment> segment,
                                   std::shared_ptr<const Run> run) {
  return std::make_unique<RunCursor>(std::move(segment), std::move(run));
}

}  // namespace stave
