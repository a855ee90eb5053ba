#include "engine/iterator.h"

#include <algorithm>
#include <map>

#include "unit/engine/iterator_store.h"

namespace stave {
namespace {

using test::assert_same;
using test::Index;
using test::LogMaker;
using test::Operation;
using test::Pairs;
using test::Store;

constexpr Io kBoth[] = {Io::mapped, Io::positional};

void an_empty_store(void**) {
  for (const Io io : kBoth) {
    Store store(io);
    assert_same(*store.open(100), {});
    LogMaker log(1, 1);
    store.add(log, Index::none);
    LogMaker sealed(2, 1);
    store.add(sealed, Index::no_hint);
    assert_same(*store.open(100), {});
  }
}

// Random files, each indexed in its own way, at random moments: what a map says.
void equals_a_model(void**) {
  std::mt19937_64 random(test::seed());
  const std::string prefixes[] = {"", "user:", "p", "user:000001", std::string(1, '\0'), "nothing"};
  for (int round = 0; round < 40; ++round) {
    Store store(kBoth[round % 2]);
    store.w.clock.ms = 1'000'000;
    uint64_t seq = 1 + test::below(random, 1000);
    const uint64_t first = seq;
    for (uint64_t id = 1; id <= 1 + test::below(random, 6); ++id) {
      LogMaker log(id, seq);
      random_operations(random, &log, 1 + test::below(random, 300), 250);
      if (test::below(random, 3) == 0) log.erase_range("p", "user:00000100");
      random_operations(random, &log, log.operations().size() + 20, 250);
      seq = log.next_seq();
      store.add(log, static_cast<Index>(test::below(random, 7)));
    }
    for (int i = 0; i < 6; ++i) {
      const uint64_t at = i == 0 ? seq : first - 1 + test::below(random, seq - first + 1);
      for (const std::string& prefix : prefixes) {
        assert_same(*store.open(at, prefix), store.model(at, prefix));
      }
    }
  }
}

// The hint has only the newest operation on a key: not enough for an older snapshot.
void an_older_version_shows_behind_a_sealed_files_hint(void**) {
  for (const Io io : kBoth) {
    Store store(io);
    LogMaker log(1, 1);
    log.put("k", "old");
    log.put("k", "new");
    log.erase("k");
    store.add(log, Index::hint);
    assert_same(*store.open(1), {{"k", "old"}});
    assert_same(*store.open(2), {{"k", "new"}});
    assert_same(*store.open(3), {});
  }
}

void what_is_written_later_is_not_seen(void**) {
  Store store(Io::mapped);
  LogMaker log(1, 1);
  log.put("a", "1");
  const uint64_t tail = log.size();
  log.put("b", "2");
  store.add(log, Index::all_runs);
  Snapshot snapshot = store.snapshot(1);
  snapshot.tails[0] = tail;
  auto it = Iterator::open(store.w.env, snapshot, "");
  assert_true(it.ok());
  assert_same(**it, {{"a", "1"}});
}

void expiry_is_judged_when_the_iterator_opens(void**) {
  Store store(Io::mapped);
  store.w.clock.ms = 500;
  LogMaker log(1, 1);
  log.put("at", "v", 500);
  log.put("before", "v", 499);
  log.put("later", "v", 501);
  log.put("over", "old");
  log.put("over", "new", 400);
  store.add(log, Index::none);
  auto it = store.open(100);
  store.w.clock.ms = 1000;
  assert_same(*it, {{"later", "v"}});
  assert_same(*store.open(100), {});
}

// A range tombstone hides by seq, whichever file it stands in.
void range_tombstones_hide_older_entries_of_every_file(void**) {
  for (const Index how : {Index::hint, Index::no_hint, Index::none}) {
    Store store(Io::mapped);
    LogMaker second(2, 10);  // a merge moved newer records before older ones
    second.put("b", "newer");
    LogMaker first(1, 1);
    first.put("a", "1");
    first.put("b", "older");
    first.erase_range("a", "c");
    first.put("aa", "after");
    first.put("c", "outside");
    store.add(second, how);
    store.add(first, how);
    std::sort(store.operations.begin(), store.operations.end(),
              [](const Operation& a, const Operation& b) { return a.seq < b.seq; });
    const Pairs all = {{"aa", "after"}, {"b", "newer"}, {"c", "outside"}};
    assert_true(store.model(100) == all);
    assert_same(*store.open(100), all);
    assert_same(*store.open(2), {{"a", "1"}, {"b", "older"}});
  }
}

void ranges_without_bounds_hide_everything_before(void**) {
  Store store(Io::mapped);
  LogMaker log(1, 1);
  log.put("a", "1");
  log.put("z", "1");
  log.erase_range("", "");
  log.put("m", "2");
  store.add(log, Index::hint);
  assert_same(*store.open(100), {{"m", "2"}});
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::an_empty_store),
      cmocka_unit_test(stave::equals_a_model),
      cmocka_unit_test(stave::an_older_version_shows_behind_a_sealed_files_hint),
      cmocka_unit_test(stave::what_is_written_later_is_not_seen),
      cmocka_unit_test(stave::expiry_is_judged_when_the_iterator_opens),
      cmocka_unit_test(stave::range_tombstones_hide_older_entries_of_every_file),
      cmocka_unit_test(stave::ranges_without_bounds_hide_everything_before),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
