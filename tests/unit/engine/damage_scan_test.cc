#include "engine/damage_scan.h"

#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::below;
using test::LogMaker;
using test::Operation;
using test::World;
using State = DamageScan::State;

struct Outcome {
  std::vector<Damage> damaged;
  std::vector<std::pair<uint64_t, uint64_t>> records;  // offset, seq; marks included
};

Outcome scan(World& w, LogMaker& log, uint64_t to) {
  const auto segment = w.segment(log);
  DamageScan scan(*segment, to);
  Outcome out;
  Scanned r;
  Damage d;
  State state;
  while ((state = scan.next(&r, &d)) != State::end) {
    assert_true(state != State::error);
    if (state == State::damage) {
      out.damaged.push_back(d);
    } else {
      out.records.emplace_back(r.offset, r.record.seq);
    }
  }
  std::sort(out.damaged.begin(), out.damaged.end(),
            [](const Damage& a, const Damage& b) { return a.offset < b.offset; });
  return out;
}

Outcome scan(World& w, LogMaker& log) { return scan(w, log, log.size()); }

bool has(const Outcome& out, const Operation& o) {
  return std::count(out.records.begin(), out.records.end(), std::pair(o.offset, o.seq)) == 1;
}

void expect_damage(const Outcome& out, size_t i, uint64_t offset, uint64_t length) {
  assert_true(i < out.damaged.size());
  assert_int_equal(out.damaged[i].offset, offset);
  assert_int_equal(out.damaged[i].length, length);
}

LogMaker forty() {
  LogMaker log(12, 100);
  for (int i = 0; i < 40; ++i) log.put(test::named("user:", i), std::string(100 + i, 'v'));
  return log;
}

void flip(LogMaker* log, uint64_t at) { log->bytes()[at] ^= 0x10; }

void each_of_several_bad_values_is_an_extent_of_its_own(void** /*state*/) {
  World w;
  LogMaker log = forty();
  const auto& operations = log.operations();
  for (size_t i : {3U, 17U, 18U, 39U}) flip(&log, operations[i].offset + 60);
  const Outcome out = scan(w, log);
  assert_int_equal(out.damaged.size(), 4);
  size_t n = 0;
  for (size_t i : {3U, 17U, 18U, 39U}) {
    expect_damage(out, n++, operations[i].offset, operations[i].size);
  }
  assert_int_equal(out.records.size(), 36);
}

void a_bad_length_hides_no_neighbour(void** /*state*/) {
  World w;
  LogMaker log = forty();
  const auto& operations = log.operations();
  flip(&log, operations[5].offset + 9);   // its value would reach over its neighbours
  flip(&log, operations[20].offset + 4);  // no kind at all
  const Outcome out = scan(w, log);
  assert_int_equal(out.damaged.size(), 2);
  expect_damage(out, 0, operations[5].offset, operations[5].size);
  expect_damage(out, 1, operations[20].offset, operations[20].size);
  assert_int_equal(out.records.size(), 38);
}

void a_batch_is_judged_record_by_record(void** /*state*/) {
  World w;
  LogMaker log(12, 100);
  log.put("before", "1");
  log.batch({{"e", "1"}, {"f", ""}, {"ggg", std::string(300, 'g')}, {"h", "4"}});
  log.put("after", "2");
  const auto& operations = log.operations();
  const Operation& bad = operations[3];
  flip(&log, bad.offset + 200);
  Outcome out = scan(w, log);
  assert_int_equal(out.damaged.size(), 1);
  expect_damage(out, 0, bad.offset, bad.size);
  for (const Operation& o : operations) assert_int_equal(has(out, o), o.seq != bad.seq);

  flip(&log, bad.offset + 200);
  flip(&log, bad.frame_offset + 20);  // the count: only the frame's checksum knows
  out = scan(w, log);
  assert_int_equal(out.damaged.size(), 1);
  expect_damage(out, 0, bad.frame_offset, kBatchHeaderSize);
  for (const Operation& o : operations) assert_true(has(out, o));

  flip(&log, bad.frame_offset + 4);  // and the kind: not to be known as a batch
  out = scan(w, log);
  expect_damage(out, 0, bad.frame_offset, kBatchHeaderSize);
  for (const Operation& o : operations) assert_true(has(out, o));
}

void zeros_and_a_lost_end_are_damage(void** /*state*/) {
  World w;
  LogMaker log = forty();
  const uint64_t whole = log.size();
  const auto& operations = log.operations();
  const uint64_t from = operations[10].offset;
  const uint64_t to = operations[14].offset;
  std::fill(log.bytes().begin() + static_cast<ptrdiff_t>(from),
            log.bytes().begin() + static_cast<ptrdiff_t>(to), '\0');
  log.bytes().resize(operations[39].offset + 8);
  const Outcome out = scan(w, log, whole);
  assert_int_equal(out.records.size(), 35);
  expect_damage(out, 0, from, to - from);
  uint64_t end = operations[39].offset;
  for (size_t i = 1; i < out.damaged.size(); ++i) {
    assert_int_equal(out.damaged[i].offset, end);
    end += out.damaged[i].length;
  }
  assert_int_equal(end, whole);
}

// A value that is itself a piece of this file is not taken for records when its own is damaged.
void copies_of_older_records_in_a_value_are_no_records(void** /*state*/) {
  World w;
  LogMaker log = forty();
  const size_t before = log.operations().size();
  log.put("backup", log.bytes().substr(kFileHeaderSize));
  log.put("after", "1");
  const Operation copy = log.operations()[before];
  flip(&log, copy.offset + 21);
  const Outcome out = scan(w, log);
  assert_int_equal(out.damaged.size(), 1);
  expect_damage(out, 0, copy.offset, copy.size);
  assert_int_equal(out.records.size(), before + 1);
}

// In the header of a batch whose records, or what it takes for such, are damaged as well: it goes
// unseen then, since only the checksum over all of it speaks of the header.
bool hidden(const LogMaker& log, const std::vector<uint64_t>& flipped, uint64_t at) {
  const auto& operations = log.operations();
  return std::any_of(operations.begin(), operations.end(), [&](const Operation& o) {
    return o.frame_offset != o.offset && at >= o.frame_offset &&
           at < o.frame_offset + kBatchHeaderSize &&
           std::any_of(flipped.begin(), flipped.end(), [&](uint64_t other) {
             return other >= o.frame_offset + kBatchHeaderSize && other < o.frame_end + 300;
           });
  });
}

// Whatever is flipped: it is within an extent, and every record that was not touched is there.
void random_damage_is_found_and_nothing_else(void** /*state*/) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 200; ++round) {
    World w(round % 2 == 0 ? Io::mapped : Io::positional);
    LogMaker log(12, 100);
    test::random_operations(random, &log, 1 + below(random, 200), 50);
    std::vector<uint64_t> flipped;
    for (uint64_t i = below(random, 12); i-- > 0;) {
      flipped.push_back(kFileHeaderSize + below(random, log.size() - kFileHeaderSize));
      log.bytes()[flipped.back()] ^= static_cast<char>(1 + below(random, 255));
    }
    std::sort(flipped.begin(), flipped.end());
    flipped.erase(std::unique(flipped.begin(), flipped.end()), flipped.end());
    const Outcome out = scan(w, log);
    const auto touched = [&](uint64_t from, uint64_t to) {
      const auto at = std::lower_bound(flipped.begin(), flipped.end(), from);
      return at != flipped.end() && *at < to;
    };
    for (const Operation& o : log.operations()) {
      assert_int_equal(has(out, o), !touched(o.offset, o.offset + o.size));
    }
    if (flipped.empty()) assert_true(out.damaged.empty());
    for (const Damage& d : out.damaged) assert_true(touched(d.offset, d.offset + d.length));
    for (const uint64_t at : flipped) {
      if (hidden(log, flipped, at)) continue;
      assert_true(std::any_of(out.damaged.begin(), out.damaged.end(), [&](const Damage& d) {
        return at >= d.offset && at < d.offset + d.length;
      }));
    }
  }
}

}  // namespace
}  // namespace stave

int main() {
  using namespace stave;
  const CMUnitTest tests[] = {
      cmocka_unit_test(each_of_several_bad_values_is_an_extent_of_its_own),
      cmocka_unit_test(a_bad_length_hides_no_neighbour),
      cmocka_unit_test(a_batch_is_judged_record_by_record),
      cmocka_unit_test(zeros_and_a_lost_end_are_damage),
      cmocka_unit_test(copies_of_older_records_in_a_value_are_no_records),
      cmocka_unit_test(random_damage_is_found_and_nothing_else),
  };
  return cmocka_run_group_tests_name("damage_scan", tests, nullptr, nullptr);
}
