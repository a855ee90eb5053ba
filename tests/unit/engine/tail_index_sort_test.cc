// RunSort against std::sort: whatever keys are alike in.
#include <algorithm>

#include "engine/run.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

// Heads as a run's arena has them, and the places as std::sort orders them.
class Heads {
 public:
  void add(const std::string& key, bool expiry) {
    const size_t start = bytes_.size();
    bytes_.append(kRecordHeaderSize + (expiry ? kExpirySize : 0), '\xee');
    bytes_.append(key);
    bytes_.resize(align_up(bytes_.size(), kRecordAlign), '\xdd');
    const auto place = static_cast<uint32_t>(start / kRecordAlign);
    const size_t head = kRecordHeaderSize + (expiry ? kExpirySize : 0);
    sort_.add(Bytes(bytes_).substr(start + head, key.size()), expiry, place);
    expected_.emplace_back(key, place);
  }

  void check() {
    std::sort(expected_.begin(), expected_.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    sort_.sort(bytes_.data());
    const auto& items = sort_.items();
    assert_int_equal(items.size(), expected_.size());
    for (size_t i = 0; i < items.size(); ++i) {
      assert_int_equal(items[i].place, expected_[i].second);
    }
  }
  void clear() {
    bytes_.clear();
    sort_.clear();
    expected_.clear();
  }

 private:
  std::string bytes_;
  RunSort sort_;
  std::vector<std::pair<std::string, uint32_t>> expected_;
};

void few_items(void**) {
  for (size_t n = 0; n < 4; ++n) {
    Heads heads;
    for (size_t i = 0; i < n; ++i) heads.add(i == 1 ? "a" : "b", i == 2);
    heads.check();
  }
}

void random_keys_of_every_length(void**) {
  std::mt19937_64 random(test::seed());
  for (const size_t n : {10, 100, 1000, 5000}) {
    for (const uint64_t alphabet : {1, 2, 256}) {
      Heads heads;
      for (size_t i = 0; i < n; ++i) {
        std::string key(1 + test::below(random, 30), '\0');
        for (char& c : key) c = static_cast<char>(test::below(random, alphabet));
        heads.add(key, test::below(random, 2) == 0);
      }
      heads.check();
    }
  }
}

// Groups that differ only far behind a shared beginning, some keys being others' beginnings.
void long_shared_beginnings(void**) {
  std::mt19937_64 random(test::seed());
  Heads heads;
  for (size_t i = 0; i < 4000; ++i) {
    std::string key = test::below(random, 2) == 0 ? "/tenants/a/" : "/users/very/deep/in/";
    key.append(test::below(random, 300), 'x');
    heads.add(test::named(key, test::below(random, 100)), false);
    heads.add(key, true);
  }
  heads.check();
}

// Each level of the sort separates one key from the rest: recursion must end all the same.
void one_key_leaves_the_group_at_every_step(void**) {
  Heads heads;
  for (size_t i = 0; i < 1500; ++i) heads.add(std::string(1 + i * 7, 'a'), false);
  for (size_t i = 0; i < 1500; ++i) heads.add(std::string(1 + i * 7, 'a') + "b", false);
  heads.check();
}

// What all keys begin with gets shorter while they come: some words are of more than that.
void the_shared_beginning_shrinks(void**) {
  Heads heads;
  for (size_t shared = 40; shared > 0; --shared) {
    for (size_t i = 0; i < 50; ++i) {
      heads.add(test::named(std::string(shared, 'p'), i * 7919 % 50), false);
    }
  }
  heads.add("", true);
  heads.check();
}

// Words alike in the bytes that are sorted by, apart only behind them; zeros that are the key's.
void keys_apart_in_their_last_bytes_alone(void**) {
  std::mt19937_64 random(test::seed());
  Heads heads;
  for (size_t i = 0; i < 6000; ++i) {
    std::string key(3, '\0');
    for (char& c : key) c = static_cast<char>(test::below(random, 256));
    heads.add(key, false);
    key.append(test::below(random, 5), '\0');
    heads.add(key, true);
    heads.add(key.append(1, static_cast<char>(test::below(random, 3))), false);
  }
  heads.check();
}

void keys_in_order_and_used_again(void**) {
  Heads heads;
  for (int round = 0; round < 3; ++round) {
    heads.clear();
    for (size_t i = 0; i < 2000; ++i) heads.add(test::named("longer prefix:", i), false);
    if (round == 1) heads.add("lo", false);
    heads.check();
  }
}

void one_key_many_times(void**) {
  Heads heads;
  for (size_t i = 0; i < 3000; ++i) heads.add("counter", i % 3 == 0);
  for (size_t i = 0; i < 3000; ++i) heads.add(std::string(100, 'k'), false);
  heads.check();
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::few_items),
      cmocka_unit_test(stave::random_keys_of_every_length),
      cmocka_unit_test(stave::long_shared_beginnings),
      cmocka_unit_test(stave::one_key_leaves_the_group_at_every_step),
      cmocka_unit_test(stave::the_shared_beginning_shrinks),
      cmocka_unit_test(stave::keys_apart_in_their_last_bytes_alone),
      cmocka_unit_test(stave::keys_in_order_and_used_again),
      cmocka_unit_test(stave::one_key_many_times),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
