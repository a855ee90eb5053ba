#include <string>
#include <vector>

#include "format/record.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

constexpr uint32_t kSalt = 0x11223344;

std::string frame(uint64_t first_seq, uint32_t count, const std::vector<Record>& inner,
                  uint32_t inner_salt = kSalt, const std::string& extra = "") {
  std::string s(kBatchHeaderSize, '\xee');
  for (const Record& r : inner) {
    const size_t at = s.size();
    s.resize(at + record_size(r));
    encode_record(s.data() + at, inner_salt, r);
  }
  s += extra;
  encode_batch_header(s.data(), kSalt, 0, first_seq, count, s.size());
  return s;
}

const Record kPut{Kind::put, kFlagInner, 4, 0, "a", "1"};
const Record kTombstone{Kind::tombstone, kFlagInner, 5, 0, "b", ""};

// The frame parses and all inside it is right.
bool accepts(Bytes bytes) {
  Record r;
  uint64_t size = 0;
  return parse_record(bytes.data(), bytes.size(), kSalt, &r, &size) == Parse::ok &&
         r.kind == Kind::batch && BatchReader::check(r, kSalt);
}

void golden_bytes(void**) {
  assert_string_equal(test::to_hex(frame(4, 2, {kPut, kTombstone})).c_str(),
                      "2e73aa540400000034000000040000000000000002000000"
                      "9c8f3fa00104010001000000040000000000000061310000"
                      "4cd3036c0204010000000000050000000000000062000000");
}

void yields_records_and_their_offsets(void**) {
  const std::string bytes = frame(4, 2, {kPut, kTombstone});
  Record batch, inner;
  uint64_t size = 0, offset = 0, inner_size = 0;
  assert_int_equal(parse_record(bytes.data(), bytes.size(), kSalt, &batch, &size), Parse::ok);
  assert_int_equal(size, bytes.size());
  BatchReader reader(batch, kSalt);
  assert_int_equal(reader.count(), 2);
  assert_true(reader.next(&inner, &offset, &inner_size));
  assert_int_equal(offset, kBatchHeaderSize);
  assert_true(inner.key == "a" && inner.value == "1" && inner.seq == 4);
  assert_true(reader.next(&inner, &offset, &inner_size));
  assert_int_equal(offset, kBatchHeaderSize + 24);
  assert_int_equal(inner_size, 24);
  // The offset leads to the record itself, as a get reads it.
  assert_int_equal(
      parse_record(bytes.data() + offset, bytes.size() - offset, kSalt, &inner, &inner_size),
      Parse::ok);
  assert_true(inner.kind == Kind::tombstone && inner.key == "b");
  assert_false(reader.next(&inner, &offset, &inner_size));
  assert_true(reader.valid());
}

void count_must_be_the_number_of_records(void**) {
  assert_true(accepts(frame(4, 2, {kPut, kTombstone})));
  assert_false(accepts(frame(4, 1, {kPut, kTombstone})));
  assert_false(accepts(frame(4, 3, {kPut, kTombstone})));
  assert_false(accepts(frame(4, 0xffffffff, {kPut, kTombstone})));
  assert_false(accepts(frame(4, 0, {})));
  assert_false(accepts(frame(4, 2, {kPut, kTombstone}, kSalt, std::string(8, '\0'))));
}

void seqs_count_up_from_the_frames_own(void**) {
  const Record late{Kind::put, kFlagInner, 6, 0, "c", ""};
  assert_true(accepts(frame(4, 3, {kPut, kTombstone, late})));
  assert_false(accepts(frame(3, 2, {kPut, kTombstone})));
  assert_false(accepts(frame(5, 2, {kPut, kTombstone})));
  assert_false(accepts(frame(4, 2, {kPut, late})));
  assert_false(accepts(frame(4, 2, {kPut, kPut})));
}

void only_plain_operations_may_stand_inside(void**) {
  const Record inner_durable{Kind::put, kFlagInner | kFlagDurable, 4, 0, "a", "1"};
  const Record outer{Kind::put, 0, 4, 0, "a", "1"};
  const Record range{Kind::range_tombstone, 0, 4, 0, "a", "b"};
  const Record mark{Kind::mark, 0, 4, 0, "", ""};
  const std::string inner = frame(4, 1, {kPut});
  const Record nested{Kind::batch, 0, 4, 0, "", Bytes(inner).substr(kRecordHeaderSize)};
  assert_false(accepts(frame(4, 1, {inner_durable})));
  assert_false(accepts(frame(4, 1, {outer})));
  assert_false(accepts(frame(4, 1, {range})));
  assert_false(accepts(frame(4, 1, {mark})));
  assert_false(accepts(frame(4, 1, {nested})));
  assert_false(accepts(frame(4, 1, {kPut}, kSalt + 1)));
}

void every_flip_and_cut_is_seen(void**) {
  const std::string good = frame(4, 2, {kPut, kTombstone});
  assert_int_equal(test::first_unseen_flip(good, accepts), -1);
  assert_int_equal(test::first_unseen_cut(good, accepts), -1);
}

// With the frame's checksum out of the way, the inner ones must still speak.
void every_flipped_bit_inside_is_seen_by_the_reader(void**) {
  const std::string good = frame(4, 2, {kPut, kTombstone});
  const auto inside = [](Bytes value) {
    Record batch{Kind::batch, 0, 4, 0, "", value};
    return BatchReader::check(batch, kSalt);
  };
  assert_true(inside(Bytes(good).substr(kRecordHeaderSize)));
  assert_int_equal(test::first_unseen_flip(Bytes(good).substr(kRecordHeaderSize), inside), -1);
  assert_int_equal(test::first_unseen_cut(Bytes(good).substr(kRecordHeaderSize), inside), -1);
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::golden_bytes),
      cmocka_unit_test(stave::yields_records_and_their_offsets),
      cmocka_unit_test(stave::count_must_be_the_number_of_records),
      cmocka_unit_test(stave::seqs_count_up_from_the_frames_own),
      cmocka_unit_test(stave::only_plain_operations_may_stand_inside),
      cmocka_unit_test(stave::every_flip_and_cut_is_seen),
      cmocka_unit_test(stave::every_flipped_bit_inside_is_seen_by_the_reader),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
