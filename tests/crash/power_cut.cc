// Deleted ranges and everything else a store does, on a disk that stops at any operation: by a kill
// of the process, which leaves what was written, and by a power cut, which leaves what was durable
// and some of the rest. Recoveries are cut short, too.
//
// After a kill the store holds what was acknowledged, exactly; after a power cut what some first
// part of the operations made, and of those up to the last sync all. The operation that was cut
// short is there whole, or not at all. So no deleted range comes back but with all that came after.
//
// STAVE_TEST_SEED replays a run; STAVE_TEST_SCALE shortens it.
#include <functional>
#include <map>
#include <optional>

#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"
#include "unit/engine/seed.h"

namespace stave::test {
namespace {

using Contents = std::map<std::string, std::string>;
using Change = std::function<void(Contents&)>;

constexpr uint64_t kKeys = 60;
constexpr uint64_t kFutures = 3;

class Play {
 public:
  explicit Play(uint64_t seed) : random_(seed), fs_(new FaultFs(disk())) {
    options_.background = false;
    options_.load_threads = 1;
    options_.io = below(2) == 0 ? Io::mapped : Io::positional;
    options_.max_file_size = below(2) == 0 ? 4096 : 64 << 10;
    options_.preallocate = 64 << 10;
    options_.checkpoint_min_ops = below(2) == 0 ? 0 : 10000;
    options_.merge_policy = MergePolicy::never;
  }

  void run() {
    for (uint64_t lives = 2 + below(4); lives > 0; --lives) {
      maybe_.reset();
      live();
      crash();
    }
  }

 private:
  static FaultOptions pages(uint64_t size) {
    FaultOptions o;
    o.page_size = size;
    return o;
  }
  FaultOptions disk() { return pages(below(2) == 0 ? 512 : 4096); }
  uint64_t below(uint64_t n) { return random_() % n; }
  std::string key() { return "key" + std::to_string(100 + below(kKeys)); }
  std::string bound() { return below(8) == 0 ? "" : key(); }

  void live() {
    if (below(3) == 0) fs_->freeze_at(1 + below(60));  // while it opens, or soon after
    auto opened = Store::open(*fs_, system_clock(), "/s", options_);
    if (opened.ok()) {
      store_ = opened.take();
      if (!fs_->frozen() && below(4) != 0) fs_->freeze_at(1 + below(300));
      for (uint64_t n = 20 + below(150); n > 0 && !fs_->frozen(); --n) act();
    } else if (!fs_->frozen()) {
      fail_msg("open: %s", opened.status().message().c_str());
    }
  }

  void act() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
        return delete_range();
      case 3:
        return delete_keys();
      case 4:
        return write_batch();
      case 5:
        return house_keeping();
      default:
        return put();
    }
  }

  SyncWish wish() { return below(10) == 0 ? SyncWish::sync : SyncWish::no_sync; }

  // What the call made, if it made it. `durable`: and everything before.
  void answered(const Status& s, bool durable, const Change& change) {
    Contents next = states_.back();
    change(next);
    if (s.ok()) {
      states_.push_back(std::move(next));
      if (durable) durable_ = states_.size() - 1;
    } else if (fs_->frozen()) {
      maybe_ = std::move(next);
    } else {
      fail_msg("%s", s.message().c_str());
    }
  }

  void put() {
    const std::string k = key();
    const std::string v = std::to_string(random_()).append(below(200), 'v');
    const SyncWish w = wish();
    answered(store_->put(k, v, w), w == SyncWish::sync, [&](Contents& c) { c[k] = v; });
  }

  void delete_keys() {
    const std::string k = key();
    const SyncWish w = wish();
    const Status s = store_->remove(k, w);
    if (s.ok() || s.is(Code::not_found)) {
      assert_int_equal(s.ok(), states_.back().contains(k));
      if (!s.ok() && w == SyncWish::sync) durable_ = states_.size() - 1;
      if (!s.ok()) return;
    }
    answered(s, w == SyncWish::sync, [&](Contents& c) { c.erase(k); });
  }

  void write_batch() {
    const std::string keys[] = {key(), key(), key()};
    const std::string v = std::to_string(random_());
    const SyncWish w = wish();
    const Status s = store_->write(
        {{Kind::put, keys[0], v}, {Kind::tombstone, keys[1], {}}, {Kind::put, keys[2], v}}, w);
    answered(s, w == SyncWish::sync, [&](Contents& c) {
      c[keys[0]] = v;
      c.erase(keys[1]);
      c[keys[2]] = v;
    });
  }

  void delete_range() {
    const SyncWish w = wish();
    const bool durable = w == SyncWish::sync;
    if (below(12) == 0) {
      return answered(store_->clear(w), durable, [](Contents& c) { c.clear(); });
    }
    std::string from = bound();
    std::string to = bound();
    if (!to.empty() && from > to) std::swap(from, to);
    // Mostly few keys.
    if (below(4) != 0) to = from.empty() ? "key105" : from.substr(0, 5) + ":";
    answered(store_->delete_range(from, to, w), durable, [&](Contents& c) {
      const auto end = to.empty() ? c.end() : c.lower_bound(to);
      for (auto at = c.lower_bound(from); at != end;) at = c.erase(at);
    });
  }

  // What changes no contents.
  void house_keeping() {
    const Change nothing = [](Contents&) {};
    switch (below(4)) {
      case 0:
        return answered(store_->sync(), true, nothing);
      case 1:
        return answered(store_->merge(false), false, nothing);
      case 2:
        return fs_->writeback(random_());
      default:
        answered(store_->close(), true, nothing);
        if (fs_->frozen()) return;
        auto again = Store::open(*fs_, system_clock(), "/s", options_);
        if (!again.ok() && !fs_->frozen()) fail_msg("%s", again.status().message().c_str());
        if (again.ok()) store_ = again.take();
    }
  }

  void crash() {
    check(*fs_->after_kill9(), states_.size() - 1);
    const uint64_t first = random_();
    for (uint64_t i = 0; i < kFutures; ++i) check(*fs_->after_power_cut(first + i), durable_);
    const bool cut = below(3) != 0;
    auto next = cut ? fs_->after_power_cut(first) : fs_->after_kill9();
    const Contents found = check(*(cut ? fs_->after_power_cut(first) : fs_->after_kill9()),
                                 cut ? durable_ : states_.size() - 1);
    fs_->freeze();
    store_.reset();
    fs_ = std::move(next);
    if (cut) {
      states_ = {found};  // all that is left is on the disk
      durable_ = 0;
    } else {
      states_.push_back(found);
    }
  }

  // The store holds one of the states from `least` on, or what the call in flight made.
  Contents check(FaultFs& fs, size_t least) const {
    auto opened = Store::open(fs, system_clock(), "/s", options_);
    if (!opened.ok()) fail_msg("%s", opened.status().message().c_str());
    Store& store = **opened;
    const Contents found = contents_of(store);
    bool known = maybe_ == found;
    for (size_t i = least; i < states_.size() && !known; ++i) known = states_[i] == found;
    if (!known) fail_msg("%zu keys, which are no first part of what was written", found.size());
    VerifyReport verified;
    const Status v = store.verify(&verified);
    if (!v.ok()) fail_msg("%s", v.message().c_str());
    assert_true(store.merge(false).ok());
    assert_true(contents_of(store) == found);
    assert_true(store.close().ok());
    auto again = Store::open(fs, system_clock(), "/s", options_);
    assert_true(again.ok());
    assert_true(contents_of(**again) == found);
    return found;
  }

  // By all ways there are, which must agree.
  static Contents contents_of(Store& store) {
    Contents found;
    auto it = store.iterate("");
    assert_true(it.ok());
    Status s;
    while ((s = (*it)->next()).ok()) {
      Bytes value;
      assert_true((*it)->value(&value).ok());
      found[std::string((*it)->key())] = std::string(value);
    }
    assert_true(s.is(Code::done));
    for (uint64_t i = 0; i < kKeys; ++i) {
      const std::string k = "key" + std::to_string(100 + i);
      std::string value;
      const Status got = store.get(k, &value);
      assert_true(got.ok() || got.is(Code::not_found));
      assert_int_equal(got.ok(), found.contains(k));
      if (got.ok()) assert_true(found[k] == value);
    }
    uint64_t count = 0;
    StoreStatistics statistics;
    assert_true(store.count_range("", "", &count).ok());
    assert_true(store.statistics(&statistics).ok());
    assert_int_equal(count, found.size());
    assert_int_equal(statistics.keys, found.size());
    return found;
  }

  std::mt19937_64 random_;
  std::unique_ptr<FaultFs> fs_;
  std::unique_ptr<Store> store_;
  Options options_;
  std::vector<Contents> states_ = {{}};  // after each call, from a moment that was durable on
  size_t durable_ = 0;                   // no power cut takes these back
  std::optional<Contents> maybe_;        // of the call that was cut short
};

void NothingDurableIsLostAndNoDeletedRangeReturns(void**) {
  for (uint64_t i = 0, n = scaled(150, 30); i < n; ++i) {
    std::printf("play %llu\n", static_cast<unsigned long long>(seed() + i));
    Play(seed() + i).run();
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(NothingDurableIsLostAndNoDeletedRangeReturns),
  };
  return cmocka_run_group_tests_name("crash/power_cut", tests, nullptr, nullptr);
}
