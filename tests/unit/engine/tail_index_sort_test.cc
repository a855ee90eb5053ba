// sort_run against std::sort: whatever keys are alike in.
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
    SortItem item;
    item.place = static_cast<uint32_t>(start / kRecordAlign);
    item.key = static_cast<uint32_t>(key.size()) | (expiry ? SortItem::kKeyAfterExpiry : 0);
    items_.push_back(item);
    expected_.emplace_back(key, item.place);
  }

  void check() {
    std::sort(expected_.begin(), expected_.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    sort_run(bytes_.data(), items_);
    assert_int_equal(items_.size(), expected_.size());
    for (size_t i = 0; i < items_.size(); ++i) {
      assert_int_equal(items_[i].place, expected_[i].second);
    }
  }

 private:
  std::string bytes_;
  std::vector<SortItem> items_;
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
      cmocka_unit_test(stave::one_key_many_times),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
