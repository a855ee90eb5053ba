#include "engine/scan_notes.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::LogMaker;
using test::Operation;
using test::World;
using State = Scanner::State;

constexpr const char* kPath = "/s/log";

// Scans the file up to `to`, compares what is handed out with the log's first operations, and
// returns how it ended. Marks are counted, not compared.
struct Outcome {
  State state;
  uint64_t position;
  size_t operations;
  size_t marks;
};

Outcome scan(World& w, const LogMaker& log, uint64_t to, Checksums checksums = Checksums::check) {
  auto file = w.fs.open(kPath, Access::read);
  assert_true(file.ok());
  Scanner scanner(**file, log.salt(), kFileHeaderSize, to, checksums);
  Outcome out{};
  Scanned s;
  while ((out.state = scanner.next(&s)) == State::record) {
    if (s.record.kind == Kind::mark) {
      ++out.marks;
      continue;
    }
    assert_true(out.operations < log.operations().size());
    const Operation& o = log.operations()[out.operations++];
    assert_true(s.record.kind == o.kind && s.record.key == o.key && s.record.value == o.value);
    assert_int_equal(s.record.seq, o.seq);
    assert_int_equal(s.record.expires_at_ms, o.expires_at_ms);
    assert_int_equal(s.offset, o.offset);
    assert_int_equal(s.size, o.size);
    assert_int_equal(s.frame_offset, o.frame_offset);
    assert_int_equal(s.frame_end, o.frame_end);
  }
  out.position = scanner.position();
  return out;
}

LogMaker all_kinds() {
  LogMaker log(12, 100);
  log.put("a", "value of a");
  log.put("b", "", 123456789);
  log.erase("a");
  log.erase_range("c", "d");
  log.erase_range("", "");
  log.mark();
  log.batch({{"e", "1"}, {"f", ""}, {"gggggggggggggggggg", "333333333333333333"}});
  log.put(std::string(kKeySizeMax, 'k'), "v");
  return log;
}

void expect_every_kind(Checksums checksums) {
  World w;
  LogMaker log = all_kinds();
  w.write_file(kPath, log.bytes());
  const Outcome out = scan(w, log, log.size(), checksums);
  assert_true(out.state == State::end);
  assert_int_equal(out.position, log.size());
  assert_int_equal(out.operations, 9);
  assert_int_equal(out.marks, 1);
}

void every_kind_with_its_places(void**) { expect_every_kind(Checksums::check); }

void without_checksums_the_same_is_found(void**) { expect_every_kind(Checksums::skip); }

// Each part begins with a frame, and all parts together hold what the whole does.
void notes_tell_where_a_large_file_may_be_cut(void**) {
  World w;
  LogMaker log(1, 5);
  uint64_t puts = 0;
  for (uint64_t i = 0; log.size() < (40 << 20); ++i) {
    const std::string value(100000 + 777 * (i % 50), 'v');
    if (i % 3 == 0) {
      log.batch({{test::named("a", i), value}, {test::named("b", i), value}});
    } else {
      log.put(test::named("c", i), value);
    }
    log.erase(test::named("gone", i));
    puts += i % 3 == 0 ? 2 : 1;
  }
  log.erase_range("d", "e");
  const auto segment = w.segment(log);
  ScanNotes notes;
  assert_true(take_notes(*segment, kFileHeaderSize, &notes).ok());
  assert_int_equal(notes.operations, log.operations().size() - 1);
  assert_int_equal(notes.operations, puts + notes.tombstones);
  assert_int_equal(notes.ranges.size(), 1);
  assert_int_equal(notes.first_seq, 5);
  assert_int_equal(notes.last_seq, log.next_seq() - 1);
  assert_true(notes.parts.size() >= 2);
  notes.parts.push_back(log.size());
  uint64_t from = kFileHeaderSize;
  uint64_t found = 0;
  uint64_t bytes = 0;
  for (const uint64_t to : notes.parts) {
    Scanner scanner(segment->file(), segment->salt(), from, to, Checksums::skip);
    Scanned s;
    while (scanner.next(&s) == State::record) {
      if (s.record.kind == Kind::range_tombstone) continue;
      ++found;
      bytes += s.size;
    }
    assert_int_equal(scanner.position(), to);
    from = to;
  }
  assert_int_equal(found, notes.operations);
  assert_int_equal(bytes, notes.record_bytes);
}

void ends_at_the_zeros_of_a_preallocated_tail(void**) {
  World w;
  LogMaker log = all_kinds();
  for (const size_t zeros : {8, 16, 24, 3000000}) {
    w.write_file(kPath, log.bytes() + std::string(zeros, '\0'));
    const Outcome out = scan(w, log, log.size() + zeros);
    assert_true(out.state == State::end);
    assert_int_equal(out.position, log.size());
    assert_int_equal(out.operations, 9);
  }
}

void a_partly_zero_header_is_invalid(void**) {
  World w;
  LogMaker log = all_kinds();
  for (size_t i = 0; i < kRecordHeaderSize; ++i) {
    for (const size_t length : {i + 1, size_t{24}, size_t{4096}}) {
      std::string tail(length, '\0');
      tail[i] = 1;
      w.write_file(kPath, log.bytes() + tail);
      const Outcome out = scan(w, log, log.size() + length);
      assert_true(out.state == State::invalid);
      assert_int_equal(out.position, log.size());
    }
  }
}

void an_empty_file_and_an_empty_range_end_at_once(void**) {
  World w;
  LogMaker log(1, 1);
  w.write_file(kPath, log.bytes());
  for (const uint64_t to : {uint64_t{0}, uint64_t{64}, uint64_t{4096}}) {
    const Outcome out = scan(w, log, to);
    assert_true(out.state == State::end);
    assert_int_equal(out.position, kFileHeaderSize);
  }
}

// The frames before a cut are handed out, and nothing of the one that it goes through,
// whether the range ends there, or the file, or zeros follow.
void a_torn_frame_is_invalid_at_every_length(void**) {
  World w;
  LogMaker log(3, 1);
  log.put("key", "this value fills it whole");  // padding would pass for the zeros
  log.batch({{"a", "1"}, {"b", "2"}, {"cccc", ""}});
  const uint64_t batch_at = log.operations()[1].frame_offset;
  const std::string whole = log.bytes();
  for (uint64_t cut = kFileHeaderSize + 1; cut < whole.size(); ++cut) {
    const uint64_t frame_at = cut < batch_at ? kFileHeaderSize : batch_at;
    w.write_file(kPath, whole.substr(0, cut));
    const Outcome by_file = scan(w, log, whole.size());
    w.write_file(kPath, whole);
    const Outcome by_range = scan(w, log, cut);
    w.write_file(kPath, whole.substr(0, cut) + std::string(64, '\0'));
    const Outcome by_zeros = scan(w, log, cut + 64);
    for (const Outcome& out : {by_file, by_range, by_zeros}) {
      assert_true(out.state == (cut == frame_at ? State::end : State::invalid));
      assert_int_equal(out.position, frame_at);
      assert_int_equal(out.operations, cut < batch_at ? 0 : 1);
    }
  }
}

void any_flipped_bit_stops_the_scan_at_its_frame(void**) {
  World w;
  LogMaker log(3, 1);
  log.put("key", "some value or other", 77);
  log.batch({{"a", "1"}, {"b", "2"}, {"c", ""}});
  log.erase("key");
  const uint64_t batch_at = log.operations()[1].frame_offset;
  const uint64_t erase_at = log.operations()[4].offset;
  w.write_file(kPath, log.bytes());
  for (uint64_t at = kFileHeaderSize; at < log.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      assert_true(w.fs.flip_bit(kPath, at, bit));
      const Outcome out = scan(w, log, log.size());
      assert_true(out.state == State::invalid);
      const bool in_batch = at >= batch_at && at < erase_at;
      assert_int_equal(out.position,
                       at < batch_at ? kFileHeaderSize : (in_batch ? batch_at : erase_at));
      assert_int_equal(out.operations, at < batch_at ? 0 : (in_batch ? 1 : 4));
      assert_true(w.fs.flip_bit(kPath, at, bit));
    }
  }
}

// Each record and the frame have good checksums, yet the operations' seqs do not follow.
void a_batch_is_checked_whole_before_its_first_operation(void**) {
  World w;
  LogMaker log(3, 1);
  log.batch({{"a", "1"}, {"b", "2"}});
  const Operation& second = log.operations()[1];
  char* frame = log.bytes().data() + kFileHeaderSize;
  encode_record(log.bytes().data() + second.offset, log.salt(),
                {Kind::put, kFlagInner, 7, 0, "b", "2"});
  encode_batch_header(frame, log.salt(), 0, 1, 2, log.size() - kFileHeaderSize);
  w.write_file(kPath, log.bytes());
  const Outcome out = scan(w, log, log.size());
  assert_true(out.state == State::invalid);
  assert_int_equal(out.operations, 0);
  assert_int_equal(out.position, kFileHeaderSize);
}

void records_across_and_beyond_the_read_chunk(void**) {
  World w;
  LogMaker log(3, 1);
  for (uint64_t i = 0; i < 30; ++i) log.put(test::named("k", i), std::string(100003 + i, 'v'));
  log.put("large", std::string(5 << 20, 'L'));
  log.batch({{"x", std::string(1 << 20, 'x')}, {"y", std::string(2 << 20, 'y')}, {"z", ""}});
  for (uint64_t i = 0; i < 30000; ++i) log.put(test::named("s", i), "small");
  w.write_file(kPath, log.bytes());
  const Outcome out = scan(w, log, log.size());
  assert_true(out.state == State::end);
  assert_int_equal(out.operations, log.operations().size());
}

// The length says 4 GiB and so does the range; the file has a few bytes.
void a_length_beyond_the_file_is_invalid(void**) {
  World w;
  LogMaker log(3, 1);
  log.put("k", std::string(2 << 20, 'v'));
  store_le<uint32_t>(log.bytes().data() + kFileHeaderSize + 8, 0xfff00000);
  w.write_file(kPath, log.bytes());
  const Outcome out = scan(w, log, kFileSizeLimit);
  assert_true(out.state == State::invalid);
  assert_int_equal(out.position, kFileHeaderSize);
}

void another_files_record_is_invalid(void**) {
  World w;
  LogMaker log(3, 1);
  LogMaker other(4, 1);
  other.put("k", "v");
  w.write_file(kPath, other.bytes());
  assert_true(scan(w, log, other.size()).state == State::invalid);
}

// What a torn batch leaves: whole records whose frame is not there.
void an_inner_record_without_its_frame_is_invalid(void**) {
  World w;
  LogMaker log(3, 1);
  log.batch({{"a", "1"}, {"b", "2"}});
  LogMaker torn(3, 1);
  torn.bytes().append(log.bytes().substr(log.operations()[0].offset));
  w.write_file(kPath, torn.bytes());
  const Outcome out = scan(w, torn, torn.size());
  assert_true(out.state == State::invalid);
  assert_int_equal(out.position, kFileHeaderSize);
}

void a_failed_read_is_an_error_and_stays_one(void**) {
  World w;
  LogMaker log(3, 1);
  for (int i = 0; i < 30; ++i) log.put("k", std::string(100000, 'v'));
  w.write_file(kPath, log.bytes());
  auto file = w.fs.open(kPath, Access::read);
  assert_true(file.ok());
  w.fs.inject({test::Op::read, 3});
  Scanner scanner(**file, log.salt(), kFileHeaderSize, log.size());
  Scanned s;
  size_t records = 0;
  while (scanner.next(&s) == State::record) ++records;
  assert_in_range(records, 10, 29);
  assert_true(scanner.status().is(Code::io));
  assert_true(scanner.next(&s) == State::error);
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::every_kind_with_its_places),
      cmocka_unit_test(stave::without_checksums_the_same_is_found),
      cmocka_unit_test(stave::notes_tell_where_a_large_file_may_be_cut),
      cmocka_unit_test(stave::ends_at_the_zeros_of_a_preallocated_tail),
      cmocka_unit_test(stave::a_partly_zero_header_is_invalid),
      cmocka_unit_test(stave::an_empty_file_and_an_empty_range_end_at_once),
      cmocka_unit_test(stave::a_torn_frame_is_invalid_at_every_length),
      cmocka_unit_test(stave::any_flipped_bit_stops_the_scan_at_its_frame),
      cmocka_unit_test(stave::a_batch_is_checked_whole_before_its_first_operation),
      cmocka_unit_test(stave::records_across_and_beyond_the_read_chunk),
      cmocka_unit_test(stave::a_length_beyond_the_file_is_invalid),
      cmocka_unit_test(stave::another_files_record_is_invalid),
      cmocka_unit_test(stave::an_inner_record_without_its_frame_is_invalid),
      cmocka_unit_test(stave::a_failed_read_is_an_error_and_stays_one),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
