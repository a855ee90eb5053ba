#include "engine/tail_index.h"

#include <algorithm>
#include <thread>

#include "engine/run.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::LogMaker;
using test::Operation;
using test::World;

constexpr Io kBoth[] = {Io::mapped, Io::positional};

// The log's point operations in [from, to), by key, newest first.
std::vector<Operation> sorted(const LogMaker& log, uint64_t from, uint64_t to) {
  std::vector<Operation> all;
  for (const Operation& o : log.operations()) {
    if (o.kind != Kind::range_tombstone && o.offset >= from && o.offset < to) all.push_back(o);
  }
  std::sort(all.begin(), all.end(), [](const Operation& a, const Operation& b) {
    return a.key != b.key ? a.key < b.key : a.seq > b.seq;
  });
  return all;
}

void assert_entry(const HintEntry& e, const Operation& o) {
  assert_true(e.key == o.key && e.kind == o.kind);
  assert_int_equal(e.seq, o.seq);
  assert_int_equal(e.offset, o.offset);
  assert_int_equal(e.value_length, o.value.size());
  assert_int_equal(e.expires_at_ms, o.expires_at_ms);
}

void assert_run(const std::shared_ptr<Segment>& segment, const std::shared_ptr<const Run>& run,
                const LogMaker& log) {
  const std::vector<Operation> expected = sorted(log, run->from, run->to);
  auto cursor = run_cursor(segment, run);
  uint64_t bytes = 0;
  for (const Operation& o : expected) {
    assert_true(cursor->next());
    assert_entry(cursor->entry(), o);
    assert_ptr_equal(&cursor->segment(), segment.get());
    bytes += o.size;
  }
  assert_false(cursor->next());
  assert_true(cursor->status().ok());
  assert_int_equal(run->operations, expected.size());
  assert_int_equal(run->record_bytes, bytes);
}

void runs_hold_all_versions_by_key_newest_first(void**) {
  std::mt19937_64 random(test::seed());
  for (const Io io : kBoth) {
    for (const size_t count : {1, 10, 1000}) {
      World w(io);
      LogMaker log(5, 1);
      random_operations(random, &log, count, 200);
      const auto segment = w.segment(log);
      TailIndex index;
      assert_true(index.extend(*segment, log.size(), true).ok());
      assert_int_equal(index.covered(), log.size());
      const auto runs = index.runs();
      assert_int_equal(runs.size(), 1);
      assert_run(segment, runs[0], log);
      assert_int_equal(runs[0]->first_seq, 1);
      assert_int_equal(runs[0]->last_seq, log.next_seq() - 1);
      assert_true(runs[0]->copied == (io == Io::positional));
    }
  }
}

LogMaker many_small(uint64_t operations) {
  LogMaker log(5, 1);
  for (uint64_t i = 0; i < operations; ++i) log.put(test::named("k", i * 7919 % operations), "v");
  return log;
}

void only_whole_runs_unless_all_is_asked_for(void**) {
  World w;
  LogMaker log = many_small(2 * kRunOperations + 5);
  const auto segment = w.segment(log);
  TailIndex index;
  assert_true(index.extend(*segment, log.operations()[kRunOperations - 1].offset, false).ok());
  assert_int_equal(index.covered(), kFileHeaderSize);
  assert_int_equal(index.runs().size(), 0);

  assert_true(index.extend(*segment, log.size(), false).ok());
  assert_int_equal(index.runs().size(), 2);
  assert_int_equal(index.covered(), log.operations()[2 * kRunOperations].offset);

  assert_true(index.extend(*segment, log.size(), true).ok());
  const auto runs = index.runs();
  assert_int_equal(runs.size(), 3);
  assert_int_equal(runs[2]->operations, 5);
  assert_int_equal(index.covered(), log.size());
  uint64_t end = kFileHeaderSize;
  for (const auto& run : runs) {
    assert_int_equal(run->from, end);
    assert_run(segment, run, log);
    end = run->to;
  }
  // 4 bytes an operation, and little besides.
  assert_in_range(index.memory_bytes(), 4 * (2 * kRunOperations + 5), 8 * kRunOperations + 4096);
  index.release();
  assert_int_equal(index.runs().size(), 0);
  assert_int_equal(index.covered(), log.size());
}

void a_batch_is_never_split(void**) {
  for (const Io io : kBoth) {
    World w(io);
    LogMaker log = many_small(kRunOperations - 1);
    log.batch({{"b1", "1"}, {"b2", "2"}, {"b3", "3"}});
    const uint64_t batch_end = log.size();
    log.put("after", "v");
    const auto segment = w.segment(log);
    TailIndex index;
    assert_true(index.extend(*segment, log.size(), true).ok());
    const auto runs = index.runs();
    assert_int_equal(runs.size(), 2);
    assert_int_equal(runs[0]->to, batch_end);
    assert_int_equal(runs[0]->operations, kRunOperations + 2);
    for (const auto& run : runs) assert_run(segment, run, log);
  }
}

void marks_alone_are_covered_without_a_run(void**) {
  World w;
  LogMaker log(5, 1);
  log.mark();
  const auto segment = w.segment(log);
  TailIndex index;
  assert_true(index.extend(*segment, log.size(), true).ok());
  assert_int_equal(index.covered(), log.size());
  assert_int_equal(index.runs().size(), 0);
}

void range_tombstones_stand_apart(void**) {
  for (const Io io : kBoth) {
    World w(io);
    LogMaker log(5, 10);
    log.erase_range("a", "b");
    log.put("k", "v");
    log.erase_range("c", "");
    const auto segment = w.segment(log);
    const auto run = build_run(*segment, kFileHeaderSize, log.size());
    assert_true(run.ok());
    assert_run(segment, *run, log);
    const auto& ranges = (*run)->ranges;
    assert_int_equal(ranges.size(), 2);
    assert_true(ranges[0].from == "a" && ranges[0].to == "b" && ranges[1].to.empty());
    assert_int_equal(ranges[1].seq, 12);
    assert_int_equal(ranges[1].offset, log.operations()[2].offset);
    assert_int_equal((*run)->first_seq, 10);
    assert_int_equal((*run)->last_seq, 12);
  }
}

void seek_finds_the_first_at_or_after(void**) {
  std::mt19937_64 random(test::seed());
  for (const Io io : kBoth) {
    World w(io);
    LogMaker log(5, 1);
    random_operations(random, &log, 500, 100);
    const auto segment = w.segment(log);
    const auto run = build_run(*segment, kFileHeaderSize, log.size());
    assert_true(run.ok());
    const std::vector<Operation> all = sorted(log, 0, log.size());
    auto cursor = run_cursor(segment, *run);
    for (int i = 0; i < 300; ++i) {
      const std::string key = i == 0 ? "" : test::random_key(random, 150);
      const auto expected =
          std::find_if(all.begin(), all.end(), [&key](const Operation& o) { return o.key >= key; });
      cursor->seek(key);
      assert_true(cursor->next() == (expected != all.end()));
      if (expected != all.end()) assert_entry(cursor->entry(), *expected);
    }
  }
}

void damage_is_corrupt_and_nothing_is_published(void**) {
  for (const Io io : kBoth) {
    World w(io);
    LogMaker log(5, 1);
    log.put("a", "1");
    log.put("b", "2");
    const uint64_t second = log.operations()[1].offset;
    log.bytes()[second + 4] = 77;  // an unknown kind
    const auto segment = w.segment(log);
    TailIndex index;
    const Status s = index.extend(*segment, log.size(), true);
    assert_true(s.is(Code::corrupt));
    assert_non_null(strstr(s.message().c_str(), test::at_offset(second).c_str()));
    assert_int_equal(index.covered(), kFileHeaderSize);
  }
}

// A sealed file's bytes come from the disk: a flipped bit in a key must not pass.
void a_run_over_a_sealed_file_verifies_checksums(void**) {
  World w;
  LogMaker log(5, 1);
  log.put("a", "1");
  log.bytes()[kFileHeaderSize + kRecordHeaderSize] ^= 1;
  const auto segment = w.segment(log);
  segment->set_sealed();
  assert_true(build_run(*segment, kFileHeaderSize, log.size()).status().is(Code::corrupt));
}

// One thread indexes, one reads what is published: for tsan.
void readers_beside_the_indexer(void**) {
  World w;
  LogMaker log = many_small(3 * kRunOperations);
  const auto segment = w.segment(log);
  TailIndex index;
  unsigned failed = 0;
  std::thread indexer([&] {
    for (const Operation& o : log.operations()) {
      if (o.seq % 20000 == 0 && !index.extend(*segment, o.frame_end, false).ok()) ++failed;
    }
    if (!index.extend(*segment, log.size(), true).ok()) ++failed;
  });
  for (size_t seen = 0; seen < 3;) {
    const auto runs = index.runs();
    seen = runs.size();
    for (const auto& run : runs) {
      auto cursor = run_cursor(segment, run);
      cursor->seek("k00000100");
      assert_true(cursor->next());
    }
  }
  indexer.join();
  assert_int_equal(failed, 0);
  assert_int_equal(index.covered(), log.size());
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::runs_hold_all_versions_by_key_newest_first),
      cmocka_unit_test(stave::only_whole_runs_unless_all_is_asked_for),
      cmocka_unit_test(stave::a_batch_is_never_split),
      cmocka_unit_test(stave::marks_alone_are_covered_without_a_run),
      cmocka_unit_test(stave::range_tombstones_stand_apart),
      cmocka_unit_test(stave::seek_finds_the_first_at_or_after),
      cmocka_unit_test(stave::damage_is_corrupt_and_nothing_is_published),
      cmocka_unit_test(stave::a_run_over_a_sealed_file_verifies_checksums),
      cmocka_unit_test(stave::readers_beside_the_indexer),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
