// Invariant R and rule M7 under everything at once: random histories with deletes, expiry and
// batches, merges of random subsets, operations between a merge's decisions and before its
// switch, kill -9 and power cuts at a random operation of it. After each merge the store must
// read as its history says; after a crash, as some prefix of it that was not yet durable at most.
#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

class Play {
 public:
  explicit Play(uint64_t seed) : random_(seed), w_(options()) {}

  void run() {
    for (uint64_t step = 20 + below(random_, 40); step-- > 0 && !crashed_;) {
      switch (below(random_, 6)) {
        case 0:
          w_.hints = below(random_, 5) != 0;
          w_.rotate();
          break;
        case 1:
          w_.clock.ms += below(random_, 4);
          break;
        case 2:
          merge();
          break;
        default:
          for (uint64_t n = 1 + below(random_, 6); n-- > 0;) operate();
      }
    }
  }

 private:
  Options options() {
    Options o;
    o.max_file_size = below(random_, 2) == 0 ? 256 : 1 << 20;
    o.io = below(random_, 2) == 0 ? Io::mapped : Io::positional;
    return o;
  }

  void operate() {
    const std::string key(1, static_cast<char>('a' + below(random_, 6)));
    const uint64_t expiry = below(random_, 4) == 0 ? w_.clock.ms + 1 + below(random_, 8) : 0;
    switch (below(random_, 8)) {
      case 0:
      case 1:
        w_.erase(key);
        break;
      case 2:
        w_.batch({{key, std::to_string(random_())}, {"b", below(random_, 2) == 0 ? "" : "batch"}});
        break;
      case 3:
        (void)w_.sync();
        break;
      default:
        w_.put(key, std::to_string(random_()), expiry);
    }
  }

  void merge() {
    SegmentList inputs;
    for (const auto& s : w_.files()) {
      if (s->sealed() && below(random_, 2) == 0) inputs.push_back(s);
    }
    if (inputs.empty()) return;
    w_.clock.interrupt = [this] {
      if (below(random_, 8) == 0) operate();
    };
    w_.before_durable = [this] {
      if (below(random_, 2) == 0) operate();
    };
    if (below(random_, 3) == 0) w_.fs.freeze_at(1 + below(random_, 60));
    const Status s = w_.merge(std::move(inputs));
    w_.clock.interrupt = nullptr;
    w_.before_durable = nullptr;
    if (w_.fs.frozen()) return crash();
    w_.fs.freeze_at(UINT64_MAX / 2);  // disarmed
    assert_true(s.ok());
    w_.check();
    w_.check_counts();
  }

  void crash() {
    crashed_ = true;
    assert_true(w_.load(*w_.fs.after_kill9()) == w_.expected());
    for (uint64_t i = 0; i < 3; ++i) {
      const State found = w_.load(*w_.fs.after_power_cut(random_()));
      bool is_prefix = false;
      for (size_t n = w_.synced; n <= w_.history.size(); ++n) is_prefix |= found == w_.expected(n);
      assert_true(is_prefix);
    }
  }

  std::mt19937_64 random_;
  MergeWorld w_;
  bool crashed_ = false;
};

void StoreReadsAsItsHistoryWhateverHappens(void**) {
  const char* plays = std::getenv("STAVE_PLAYS");
  const uint64_t n = plays != nullptr ? std::strtoull(plays, nullptr, 0) : 400;
  for (uint64_t i = 0; i < n; ++i) {
    Play(seed() + i).run();
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(StoreReadsAsItsHistoryWhateverHappens),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
