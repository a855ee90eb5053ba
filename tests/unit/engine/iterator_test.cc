#include "engine/iterator.h"

#include <algorithm>
#include <map>

#include "engine/hint_file.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::LogMaker;
using test::Operation;
using test::World;

constexpr Io kBoth[] = {Io::mapped, Io::positional};
using Pairs = std::map<std::string, std::string>;

// How a file of the store is found by the iterator.
enum class Index { hint, no_hint, damaged_hint, torn_block, part_of_runs, all_runs, none };

void prepare(World& w, Segment& segment, Index how) {
  const std::string hint = segment.hint_path();
  if (how <= Index::torn_block) {
    segment.set_sealed();
    assert_true(rebuild_hint(*w.env, segment).ok());
    if (how == Index::no_hint) assert_true(w.fs.unlink(hint).ok());
    if (how == Index::damaged_hint) {
      assert_true(w.fs.flip_bit(hint, w.read_file(hint).size() - 1, 3));
    }
    if (how == Index::torn_block) assert_true(w.fs.flip_bit(hint, 9, 3));
    return;
  }
  segment.tail_index = std::make_shared<TailIndex>();
  const bool all = how == Index::all_runs;
  if (how != Index::none) {
    assert_true(segment.tail_index->extend(segment, segment.tail(), all).ok());
  }
}

// A store of some files, and all their operations in order.
struct Store {
  explicit Store(Io io) : w(io) {}

  void add(LogMaker& log, Index how) {
    auto segment = w.segment(log);
    prepare(w, *segment, how);
    segments.push_back(segment);
    operations.insert(operations.end(), log.operations().begin(), log.operations().end());
  }
  Snapshot snapshot(uint64_t seq) {
    auto version = std::make_shared<Version>();
    version->segments = segments;
    Snapshot s{version, {}, seq};
    for (const auto& segment : segments) s.tails.push_back(segment->tail());
    return s;
  }
  std::unique_ptr<Iterator> open(uint64_t seq, const std::string& prefix = "") {
    auto it = Iterator::open(w.env, snapshot(seq), prefix);
    if (!it.ok()) print_error("%s\n", it.status().message().c_str());
    assert_true(it.ok());
    return it.take();
  }
  // What a simple map says.
  [[nodiscard]] Pairs model(uint64_t seq, const std::string& prefix = "") const {
    Pairs pairs;
    for (const Operation& o : operations) {
      if (o.seq > seq) break;
      if (o.kind == Kind::range_tombstone) {
        pairs.erase(pairs.lower_bound(o.key),
                    o.value.empty() ? pairs.end() : pairs.lower_bound(o.value));
        continue;
      }
      pairs.erase(o.key);
      const bool expired = o.expires_at_ms != 0 && o.expires_at_ms <= w.clock.ms;
      if (o.kind == Kind::put && !expired && o.key.starts_with(prefix)) pairs[o.key] = o.value;
    }
    return pairs;
  }

  World w;
  SegmentList segments;
  std::vector<Operation> operations;
};

void assert_same(Iterator& it, const Pairs& expected) {
  for (const auto& [key, value] : expected) {
    const Status s = it.next();
    if (!s.ok()) print_error("%d %s\n", static_cast<int>(s.code()), s.message().c_str());
    assert_true(s.ok());
    assert_true(it.valid() && it.key() == key);
    Bytes got;
    assert_true(it.value(&got).ok());
    assert_true(got == value);
  }
  assert_true(it.next().is(Code::done));
  assert_false(it.valid());
  assert_true(it.key().empty());
  Bytes got = "x";
  assert_true(it.value(&got).is(Code::invalid_argument));
  assert_true(got.empty());
  assert_true(it.next().is(Code::done));
}

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

void a_damaged_value_is_corrupt_with_its_place(void**) {
  for (const Io io : kBoth) {
    Store store(io);
    LogMaker log(1, 1);
    log.put("a", "1");
    log.put("b", std::string(5000, 'v'));
    log.put("c", "3");
    store.add(log, Index::hint);
    const Operation& b = store.operations[1];
    assert_true(store.w.fs.flip_bit(store.segments[0]->path(), b.offset + 3000, 1));
    auto it = store.open(100);
    Bytes value;
    assert_true(it->next().ok() && it->value(&value).ok());
    assert_true(it->next().ok());
    const Status s = it->value(&value);
    assert_true(s.is(Code::corrupt) && value.empty());
    assert_non_null(strstr(s.message().c_str(), test::at_offset(b.offset).c_str()));
    assert_true(it->next().ok() && it->value(&value).ok());
    assert_true(value == "3");
  }
}

// The index is whole and names a record that is not the one in the file.
void a_value_of_another_record_is_corrupt(void**) {
  Store store(Io::positional);
  LogMaker log(1, 1);
  log.put("a", "1");
  store.add(log, Index::hint);
  LogMaker other(1, 1);
  other.put("b", "1");
  store.w.write_file("/s/other", other.bytes());
  auto file = store.w.fs.open("/s/other", Access::read);
  assert_true(file.ok());
  assert_true(store.segments[0]->attach(file.take(), 0, Access::read).ok());
  auto it = store.open(100);
  assert_true(it->next().ok());
  Bytes value;
  assert_true(it->value(&value).is(Code::corrupt));
}

// Nothing is skipped or told twice when a hint turns out to be damaged half way.
void damage_in_the_middle_of_a_hint_is_repaired_from_the_data(void**) {
  for (const Io io : kBoth) {
    Store store(io);
    LogMaker log(1, 1);
    for (uint64_t i = 0; i < 20000; ++i) log.put(test::named("key-", i * 7919 % 10000), "value");
    store.add(log, Index::hint);
    const std::string hint = store.segments[0]->hint_path();
    assert_true(store.w.fs.flip_bit(hint, store.w.read_file(hint).size() / 3, 0));
    assert_same(*store.open(20000), store.model(20000));
    assert_same(*store.open(20000, "key-00008"), store.model(20000, "key-00008"));
    LogEvent event;
    uint64_t dropped = 0;
    assert_true(store.w.env->log.next(&event, &dropped));
    assert_true(event.level == LogLevel::warn);
  }
}

void read_errors_end_the_iteration_with_the_error(void**) {
  Store store(Io::positional);
  LogMaker log(1, 1);
  for (uint64_t i = 0; i < 30000; ++i) log.put(test::named("key-", i), "value");
  store.add(log, Index::hint);
  auto it = store.open(30000);
  store.w.fs.inject({test::Op::read, 3, 5, true});
  Status s;
  size_t seen = 0;
  while ((s = it->next()).ok()) ++seen;
  assert_true(s.is(Code::io));
  assert_in_range(seen, 1, 29999);
  assert_false(it->valid());
  assert_true(it->next().is(Code::io));
  assert_true(Iterator::open(store.w.env, store.snapshot(30000), "").status().is(Code::io));
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
      cmocka_unit_test(stave::a_damaged_value_is_corrupt_with_its_place),
      cmocka_unit_test(stave::a_value_of_another_record_is_corrupt),
      cmocka_unit_test(stave::damage_in_the_middle_of_a_hint_is_repaired_from_the_data),
      cmocka_unit_test(stave::read_errors_end_the_iteration_with_the_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
