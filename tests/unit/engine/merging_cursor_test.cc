// MergingCursor against std::sort: whatever keys are alike in.
#include "engine/merging_cursor.h"

#include <algorithm>

#include "base/key_code.h"
#include "engine/run.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::LogMaker;
using test::World;

struct Item {
  std::string key;
  uint64_t seq = 0;
};

bool before(const Item& a, const Item& b) { return a.key != b.key ? a.key < b.key : a.seq > b.seq; }

// Lends one entry at a time, in a key that is overwritten by the next.
class ListCursor final : public Cursor {
 public:
  explicit ListCursor(std::vector<Item> items, size_t fails_at = SIZE_MAX)
      : items_(std::move(items)), fails_at_(fails_at) {
    std::sort(items_.begin(), items_.end(), before);
  }
  void seek(Bytes key) override {
    next_ = 0;
    while (next_ < items_.size() && items_[next_].key < key) ++next_;
    down_ = false;
    take_back();
  }
  void seek_down(Bytes key) override {
    next_ = 0;
    while (!key.empty() && next_ < items_.size() && items_[items_.size() - 1 - next_].key >= key) {
      ++next_;
    }
    down_ = true;
    take_back();
  }
  [[nodiscard]] const Status& status() const override { return status_; }

 private:
  bool refill() override {
    if (next_ == fails_at_) status_ = Status(Code::corrupt, "made to fail");
    if (!status_.ok() || next_ == items_.size()) return false;
    const Item& item = items_[down_ ? items_.size() - 1 - next_ : next_];
    ++next_;
    code_ = key_code::after(key_, item.key, down_);
    key_.assign(item.key);
    entry_ = {};
    entry_.key = key_;
    entry_.seq = item.seq;
    lend(nullptr, &entry_, 1, &code_);
    return true;
  }

  std::vector<Item> items_;
  const size_t fails_at_;
  size_t next_ = 0;
  bool down_ = false;
  std::string key_;
  uint64_t code_ = 0;
  HintEntry entry_;
  Status status_;
};

// Keys of few values, so that they share beginnings of every length, zero bytes among them.
std::string alike_key(std::mt19937_64& random) {
  std::string key(test::below(random, 3) * 6, 's');
  const uint64_t tail = 1 + test::below(random, 8);
  for (uint64_t i = 0; i < tail; ++i) key.push_back("\0\1\xff"[test::below(random, 3)]);
  return key;
}

std::vector<Item> from(const std::vector<Item>& all, const std::string& key) {
  return {std::find_if(all.begin(), all.end(), [&](const Item& i) { return i.key >= key; }),
          all.end()};
}

// From the last below `key` down; empty: from the very last.
std::vector<Item> down_from(const std::vector<Item>& all, const std::string& key) {
  std::vector<Item> below;
  for (const Item& i : all) {
    if (key.empty() || i.key < key) below.push_back(i);
  }
  std::reverse(below.begin(), below.end());
  return below;
}

void assert_walk(MergingCursor& merged, const std::vector<Item>& expected) {
  std::string last;
  for (const Item& item : expected) {
    assert_true(merged.next());
    assert_true(merged.entry().key == item.key);
    assert_int_equal(merged.entry().seq, item.seq);
    assert_true(merged.repeats_key() == (item.key == last));
    last = item.key;
  }
  assert_false(merged.next());
  assert_false(merged.next());
  assert_true(merged.status().ok());
}

void sources_of_any_number_and_length(void**) {
  std::mt19937_64 random(test::seed());
  for (size_t sources = 0; sources < 18; ++sources) {
    std::vector<Item> all;
    std::vector<std::vector<Item>> parts(sources);
    for (uint64_t seq = 1; sources != 0 && seq <= 60 * sources; ++seq) {
      const Item item{alike_key(random), seq};
      all.push_back(item);
      parts[test::below(random, 1 + test::below(random, sources))].push_back(item);
    }
    std::sort(all.begin(), all.end(), before);
    std::vector<std::unique_ptr<Cursor>> cursors;
    for (auto& part : parts) cursors.push_back(std::make_unique<ListCursor>(std::move(part)));
    MergingCursor merged(std::move(cursors));
    assert_walk(merged, all);
    for (int i = 0; i < 20; ++i) {
      const std::string key = i == 0 ? std::string() : alike_key(random);
      merged.seek(key);
      assert_walk(merged, from(all, key));
      merged.seek_down(key);
      assert_walk(merged, down_from(all, key));
    }
  }
}

// Runs lend many entries at once, the others one.
void runs_beside_cursors_of_one_entry(void**) {
  std::mt19937_64 random(test::seed());
  for (const Io io : {Io::mapped, Io::positional}) {
    World w(io);
    std::vector<Item> all;
    std::vector<std::unique_ptr<Cursor>> cursors;
    LogMaker log(5, 1000);
    for (int i = 0; i < 3000; ++i) log.put(alike_key(random), "v");
    const auto segment = w.segment(log);
    for (size_t i = 0, end = 0; i < 5; ++i) {
      const uint64_t start = log.operations()[end].offset;
      end = (i + 1) * 600;
      const uint64_t stop = end == 3000 ? log.size() : log.operations()[end].offset;
      auto run = build_run(*segment, start, stop);
      assert_true(run.ok());
      cursors.push_back(run_cursor(segment, *run));
    }
    for (const test::Operation& o : log.operations()) all.push_back({o.key, o.seq});
    for (uint64_t i = 0; i < 3; ++i) {
      std::vector<Item> items;
      for (uint64_t n = 0; n < 300; ++n) items.push_back({alike_key(random), 1 + 3 * n + i});
      all.insert(all.end(), items.begin(), items.end());
      cursors.push_back(std::make_unique<ListCursor>(std::move(items)));
    }
    std::sort(all.begin(), all.end(), before);
    MergingCursor merged(std::move(cursors));
    assert_walk(merged, all);
    for (int i = 0; i < 50; ++i) {
      const std::string key = alike_key(random);
      merged.seek(key);
      assert_walk(merged, from(all, key));
      merged.seek_down(key);
      assert_walk(merged, down_from(all, key));
    }
  }
}

void keys_of_every_length_up_to_the_longest(void**) {
  const std::vector<size_t> lengths = {1, 5, 6, 7, 8, 9, 4096, 65528, 65529, 65534, 65535};
  std::vector<Item> all;
  std::vector<std::vector<Item>> parts(3);
  uint64_t seq = 0;
  for (const size_t length : lengths) {
    for (size_t i = 0; i < parts.size(); ++i) {
      const Item item{std::string(length, 'k'), ++seq};
      const Item apart{std::string(length - 1, 'k').append(1, static_cast<char>('i' + i)), ++seq};
      for (const Item& each : {item, apart}) {
        all.push_back(each);
        parts[i].push_back(each);
      }
    }
  }
  std::sort(all.begin(), all.end(), before);
  std::vector<std::unique_ptr<Cursor>> cursors;
  for (auto& part : parts) cursors.push_back(std::make_unique<ListCursor>(std::move(part)));
  MergingCursor merged(std::move(cursors));
  assert_walk(merged, all);
  merged.seek_down("");
  assert_walk(merged, down_from(all, ""));
}

void an_error_of_one_source_ends_it(void**) {
  for (const size_t fails_at : {size_t{0}, size_t{2}}) {
    std::vector<std::unique_ptr<Cursor>> cursors;
    cursors.push_back(std::make_unique<ListCursor>(std::vector<Item>{{"a", 1}, {"z", 2}}));
    cursors.push_back(
        std::make_unique<ListCursor>(std::vector<Item>{{"b", 3}, {"c", 4}, {"d", 5}}, fails_at));
    MergingCursor merged(std::move(cursors));
    size_t seen = 0;
    while (merged.next()) ++seen;
    assert_int_equal(seen, fails_at == 0 ? 0 : 3);
    assert_true(merged.status().is(Code::corrupt));
    assert_false(merged.next());
  }
}

// What merging rests on: codes order as keys do, and a loser's code holds for the winner.
void codes_order_as_their_keys(void**) {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 20000; ++i) {
    std::string keys[3] = {alike_key(random), alike_key(random), alike_key(random)};
    std::sort(std::begin(keys), std::end(keys));
    const auto& [base, smaller, greater] = keys;
    const auto code = [](const std::string& key, const std::string& to) {
      return key_code::of(key, common_prefix(key, to));
    };
    assert_true(code(smaller, base) <= code(greater, base));
    assert_true((code(smaller, base) == key_code::kSame) == (smaller == base));
    if (code(smaller, base) < code(greater, base)) {
      assert_true(code(greater, smaller) == code(greater, base));
    }
    // Downwards the greatest is the base.
    const auto down = [](const std::string& key, const std::string& to) {
      return key_code::of_descending(key, common_prefix(key, to), to.size());
    };
    assert_true(down(smaller, greater) <= down(base, greater));
    assert_true((down(smaller, greater) == key_code::kSame) == (smaller == greater));
    if (down(smaller, greater) < down(base, greater)) {
      assert_true(down(base, smaller) == down(base, greater));
    }
  }
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::sources_of_any_number_and_length),
      cmocka_unit_test(stave::runs_beside_cursors_of_one_entry),
      cmocka_unit_test(stave::keys_of_every_length_up_to_the_longest),
      cmocka_unit_test(stave::an_error_of_one_source_ends_it),
      cmocka_unit_test(stave::codes_order_as_their_keys),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
