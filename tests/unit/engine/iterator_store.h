// A store of some files as an iterator sees it, each indexed in its own way, and a model of it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/hint_file.h"
#include "engine/iterator.h"
#include "unit/engine/log_maker.h"

namespace stave::test {

using Pairs = std::map<std::string, std::string>;

// How a file of the store is found by the iterator.
enum class Index { hint, no_hint, damaged_hint, torn_block, part_of_runs, all_runs, none };

inline void prepare(World& w, Segment& segment, Index how) {
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

inline void assert_same(Iterator& it, const Pairs& expected) {
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

}  // namespace stave::test
