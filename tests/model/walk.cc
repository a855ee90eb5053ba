#include "model/walk.h"

#include <rapidcheck.h>

#include <algorithm>

#include "model/world.h"

namespace stave::test {
namespace {

constexpr int kSteps = 40;

uint32_t below(std::mt19937_64& random, uint32_t n) { return static_cast<uint32_t>(random() % n); }

// A key that may be there, the beginning of one, or one right behind it.
std::string near_key(std::mt19937_64& random) {
  std::string key = key_of(below(random, 1 << 16));
  if (below(random, 3) == 0) key.resize(1 + below(random, static_cast<uint32_t>(key.size())));
  if (below(random, 4) == 0) key.push_back('\0');
  return key;
}

class Walk {
 public:
  Walk(Iterator& it, const IterateOptions& options, const State& state) : it_(it), o_(options) {
    for (const auto& [key, held] : state) {
      const bool in =
          key >= o_.from && (o_.to.empty() || key < o_.to) && key.starts_with(o_.prefix);
      if (in) entries_.emplace_back(key, held.value);
    }
    if (o_.reverse) std::reverse(entries_.begin(), entries_.end());
  }

  void next() {
    if (!past_ && o_.limit != 0 && here() && count_ >= static_cast<int64_t>(o_.limit)) past_ = true;
    if (!past_ && at_ < size()) ++at_, ++count_;
    check(it_.next());
  }
  void prev() {
    if (past_) {
      past_ = false;
    } else if (at_ >= 0) {
      --at_, --count_;
    }
    check(it_.prev());
  }
  void seek(const std::string& key) {
    start(1);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) {
      return o_.reverse ? e.first <= key : e.first >= key;
    });
    at_ = found - entries_.begin();
    check(it_.seek(key));
  }
  void seek_first() {
    start(1);
    at_ = 0;
    check(it_.seek_first());
  }
  void seek_last() {
    start(1);
    at_ = size() - 1;
    check(it_.seek_last());
  }

 private:
  [[nodiscard]] int64_t size() const { return static_cast<int64_t>(entries_.size()); }
  [[nodiscard]] bool here() const { return at_ >= 0 && at_ < size(); }
  void start(int64_t count) {
    past_ = false;
    count_ = count;
  }
  void check(const Status& s) {
    const bool there = here() && !past_;
    if (!s.ok() && !s.is(Code::done)) RC_FAIL("iterator: " + s.message());
    RC_ASSERT(s.ok() == there);
    RC_ASSERT(it_.valid() == there);
    if (!there) return;
    const auto& [key, value] = entries_[static_cast<size_t>(at_)];
    RC_ASSERT(it_.key() == Bytes(key));
    Bytes got;
    const Status read = it_.value(&got);
    if (!read.ok()) RC_FAIL("iterator value: " + read.message());
    RC_ASSERT(got == Bytes(value));
  }

  Iterator& it_;
  const IterateOptions& o_;
  std::vector<std::pair<std::string, std::string>> entries_;  // in its direction
  int64_t at_ = -1;
  int64_t count_ = 0;
  bool past_ = false;  // the limit
};

}  // namespace

IterateOptions random_range(std::mt19937_64& random) {
  IterateOptions o;
  o.reverse = below(random, 2) == 0;
  o.keys_only = below(random, 4) == 0;
  if (below(random, 3) == 0) o.from = near_key(random);
  if (below(random, 3) == 0) o.to = near_key(random);
  if (below(random, 4) == 0) o.prefix = near_key(random).substr(0, 1 + below(random, 3));
  if (below(random, 3) == 0) o.limit = 1 + below(random, 10);
  return o;
}

void walk(Iterator& it, const IterateOptions& options, const State& state,
          std::mt19937_64& random) {
  Walk w(it, options, state);
  uint32_t odds = 8;  // of ten: forward
  for (int i = 0; i < kSteps; ++i) {
    const uint32_t what = below(random, 40);
    if (what == 0) {
      w.seek_first();
    } else if (what == 1) {
      w.seek_last();
    } else if (what < 5) {
      w.seek(near_key(random));
    } else {
      if (what < 8) odds = below(random, 11);
      below(random, 10) < odds ? w.next() : w.prev();
    }
  }
}

}  // namespace stave::test
