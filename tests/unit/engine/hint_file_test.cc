#include "engine/hint_file.h"

#include <map>

#include "engine/tail_index.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::LogMaker;
using test::Operation;
using test::World;

constexpr Io kBoth[] = {Io::mapped, Io::positional};
using Model = std::map<std::string, Operation>;

// The newest operation on each key.
Model newest(const LogMaker& log) {
  Model model;
  for (const Operation& o : log.operations()) {
    if (o.kind != Kind::range_tombstone) model[o.key] = o;
  }
  return model;
}

void assert_entry(const HintEntry& e, const Operation& o) {
  assert_true(e.key == o.key && e.kind == o.kind);
  assert_int_equal(e.seq, o.seq);
  assert_int_equal(e.offset, o.offset);
  assert_int_equal(e.value_length, o.value.size());
  assert_int_equal(e.expires_at_ms, o.expires_at_ms);
}

std::shared_ptr<HintFile> open_hint(World& w, const std::shared_ptr<Segment>& segment) {
  auto hint = HintFile::open(*w.env, segment);
  if (!hint.ok()) print_error("%s\n", hint.status().message().c_str());
  assert_true(hint.ok());
  return hint.take();
}

void assert_hint(World& w, const std::shared_ptr<Segment>& segment, const LogMaker& log) {
  const Model model = newest(log);
  const auto hint = open_hint(w, segment);
  auto cursor = hint->cursor();
  for (const auto& [key, operation] : model) {
    assert_true(cursor->next());
    assert_entry(cursor->entry(), operation);
    assert_ptr_equal(&cursor->segment(), segment.get());
  }
  assert_false(cursor->next());
  assert_true(cursor->status().ok());

  const HintSummary& s = hint->summary();
  uint64_t operations = 0, record_bytes = 0, ranges = 0, tombstones = 0;
  for (const Operation& o : log.operations()) {
    if (o.kind == Kind::range_tombstone) {
      assert_true(hint->ranges()[ranges].from == o.key && hint->ranges()[ranges].to == o.value);
      ++ranges;
      continue;
    }
    ++operations;
    record_bytes += o.size;
  }
  for (const auto& [key, o] : model) tombstones += o.kind == Kind::tombstone ? 1 : 0;
  assert_int_equal(s.operations, operations);
  assert_int_equal(s.record_bytes, record_bytes);
  assert_int_equal(s.entries, model.size());
  assert_int_equal(s.tombstones, tombstones);
  assert_int_equal(s.range_tombstones, ranges);
  assert_int_equal(s.first_seq, log.operations().front().seq);
  assert_int_equal(s.last_seq, log.operations().back().seq);
}

void equals_a_model_by_runs_and_by_rebuilding(void**) {
  std::mt19937_64 random(test::seed());
  for (const Io io : kBoth) {
    for (const size_t count : {1, 30, 3000}) {
      World w(io);
      LogMaker log(12, 1000);
      log.erase_range("a", "c");
      random_operations(random, &log, count, count * 2 / 3 + 1);
      log.erase_range("", "");
      const auto segment = w.segment(log);
      TailIndex index;
      assert_true(index.extend(*segment, log.size(), true).ok());
      assert_false(segment->has_hint());
      assert_true(write_hint(*w.env, *segment, index).ok());
      assert_true(segment->has_hint());
      assert_hint(w, segment, log);

      const std::string by_runs = w.read_file(segment->hint_path());
      assert_true(w.fs.unlink(segment->hint_path()).ok());
      assert_true(HintFile::open(*w.env, segment).status().is(Code::not_found));
      assert_true(rebuild_hint(*w.env, *segment).ok());
      assert_true(w.read_file(segment->hint_path()) == by_runs);
    }
  }
}

void merges_several_runs(void**) {
  for (const Io io : kBoth) {
    World w(io);
    LogMaker log(12, 1);
    for (uint64_t i = 0; i < 3 * kRunOperations; ++i) log.put(test::named("k", i % 100000), "v");
    const auto segment = w.segment(log);
    TailIndex index;
    assert_true(index.extend(*segment, log.size(), true).ok());
    assert_int_equal(index.runs().size(), 3);
    assert_true(write_hint(*w.env, *segment, index).ok());
    assert_hint(w, segment, log);
  }
}

void a_file_without_operations(void**) {
  World w;
  LogMaker log(12, 1);
  log.mark();
  const auto segment = w.segment(log);
  assert_true(rebuild_hint(*w.env, *segment).ok());
  const auto hint = open_hint(w, segment);
  assert_false(hint->cursor()->next());
  assert_int_equal(hint->summary().last_seq, 0);
  auto contains = hint->contains("k");
  assert_true(contains.ok() && !*contains);
}

struct Indexed {
  explicit Indexed(size_t count = 5000, Io io = Io::mapped) : w(io), log(12, 1) {
    std::mt19937_64 random(test::seed());
    random_operations(random, &log, count, count);
    segment = w.segment(log);
    assert_true(rebuild_hint(*w.env, *segment).ok());
    hint = open_hint(w, segment);
    model = newest(log);
  }
  World w;
  LogMaker log;
  std::shared_ptr<Segment> segment;
  std::shared_ptr<HintFile> hint;
  Model model;
};

void find_and_contains_are_exact(void**) {
  std::mt19937_64 random(test::seed());
  Indexed x;
  for (const auto& [key, operation] : x.model) {
    auto contains = x.hint->contains(key);
    assert_true(contains.ok() && *contains);
    std::string storage;
    HintEntry e;
    assert_true(x.hint->find(key, &storage, &e).ok());
    assert_entry(e, operation);
  }
  for (int i = 0; i < 2000; ++i) {
    const std::string key = test::random_key(random, 20000).append(i % 2, '+');
    auto contains = x.hint->contains(key);
    assert_true(contains.ok());
    assert_int_equal(*contains, x.model.count(key));
  }
}

void seek_finds_the_first_at_or_after(void**) {
  std::mt19937_64 random(test::seed());
  Indexed x;
  auto cursor = x.hint->cursor();
  for (int i = 0; i < 1000; ++i) {
    const std::string key = i == 0 ? "" : test::random_key(random, 10000);
    auto expected = x.model.lower_bound(key);
    cursor->seek(key);
    for (int steps = 0; steps < 5; ++steps) {
      assert_true(cursor->next() == (expected != x.model.end()));
      if (expected == x.model.end()) break;
      assert_entry(cursor->entry(), (expected++)->second);
    }
  }
}

void parts_by_blocks_make_the_whole(void**) {
  Indexed x;
  const uint64_t blocks = x.hint->blocks();
  assert_in_range(blocks, 5, 1000);
  auto expected = x.model.begin();
  for (uint64_t first = 0; first < blocks;) {
    const uint64_t last = std::min(blocks, first + 1 + first % 3);
    auto cursor = x.hint->cursor(first, last);
    while (cursor->next()) assert_entry(cursor->entry(), (expected++)->second);
    assert_true(cursor->status().ok());
    first = last;
  }
  assert_true(expected == x.model.end());
}

// Every operation of writing a hint fails once: nothing but a whole hint is ever seen.
void failures_while_writing_leave_no_hint(void**) {
  LogMaker log(12, 1);
  for (uint64_t i = 0; i < 200; ++i) log.put(test::named("k", i), "v");
  uint64_t failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    World w;
    const auto segment = w.segment(log);
    w.write_file(segment->hint_path() + ".tmp", "left by a writer that was killed");
    w.fs.inject({test::Op::any, nth});
    const Status s = rebuild_hint(*w.env, *segment);
    w.fs.clear_faults();
    if (s.ok()) {
      assert_hint(w, segment, log);
      break;
    }
    ++failures;
    assert_true(s.is(Code::io));
    assert_false(segment->has_hint());
    assert_true(HintFile::open(*w.env, segment).status().is(Code::not_found));
    assert_true(rebuild_hint(*w.env, *segment).ok());
    assert_hint(w, segment, log);
  }
  assert_in_range(failures, 4, 50);
}

void nothing_is_left_beside_the_hint(void**) {
  World w;
  LogMaker log(12, 1);
  log.put("k", "v");
  const auto segment = w.segment(log);
  w.write_file(segment->hint_path() + ".tmp", "left by a writer that was killed");
  assert_true(rebuild_hint(*w.env, *segment).ok());
  w.fs.inject({test::Op::write, 1});
  assert_true(rebuild_hint(*w.env, *segment).is(Code::io));
  auto names = w.fs.list("/s");
  assert_true(names.ok());
  assert_int_equal(names->size(), 2);
}

void damaged_data_makes_no_hint(void**) {
  for (const Io io : kBoth) {
    World w(io);
    LogMaker log(12, 1);
    log.put("a", "1");
    log.put("b", "2");
    const uint64_t second = log.operations()[1].offset;
    const auto segment = w.segment(log);
    assert_true(w.fs.flip_bit(segment->path(), second + kRecordHeaderSize, 0));
    const Status s = rebuild_hint(*w.env, *segment);
    assert_true(s.is(Code::corrupt));
    assert_non_null(strstr(s.message().c_str(), test::at_offset(second).c_str()));
    assert_false(segment->has_hint());
    assert_true(HintFile::open(*w.env, segment).status().is(Code::not_found));
  }
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::equals_a_model_by_runs_and_by_rebuilding),
      cmocka_unit_test(stave::merges_several_runs),
      cmocka_unit_test(stave::a_file_without_operations),
      cmocka_unit_test(stave::find_and_contains_are_exact),
      cmocka_unit_test(stave::seek_finds_the_first_at_or_after),
      cmocka_unit_test(stave::parts_by_blocks_make_the_whole),
      cmocka_unit_test(stave::failures_while_writing_leave_no_hint),
      cmocka_unit_test(stave::nothing_is_left_beside_the_hint),
      cmocka_unit_test(stave::damaged_data_makes_no_hint),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
