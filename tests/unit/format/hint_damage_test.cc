// What a hint's decoders refuse.
#include "format/crc32c.h"
#include "format/file_header.h"
#include "format/hint.h"
#include "format/hint_layout.h"
#include "format/varint.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"
#include "unit/format/hint_util.h"

namespace stave {
namespace {

constexpr uint32_t kSalt = 0x11223344;

std::string sample() {
  HintBuilder b(kSalt);
  b.add({"apple", Kind::put, 7, 64, 5, 0});
  b.add({"apply", Kind::tombstone, 9, 96, 0, 0});
  b.add({"b", Kind::put, 8, 128, 300, 1700000000000});
  b.add_range_tombstone({"x", "y", 10, 512});
  HintSummary s;
  s.file_id = 12;
  s.data_length = 560;
  s.first_seq = 7;
  s.last_seq = 10;
  s.operations = 3;
  s.record_bytes = 440;
  return b.finish(s);
}

bool accepts(Bytes file) { return test::read_hint(file).has_value(); }

void append_crc(std::string* s) {
  char crc[4];
  store_le(crc, crc32c(0, s->data(), s->size()));
  s->append(crc, 4);
}

// The sample with one number of the footer exchanged and the checksum made right again.
template <typename T>
Code footer_with(size_t at, T v) {
  std::string file = sample();
  char* footer = file.data() + file.size() - kHintFooterSize;
  store_le(footer + at, v);
  store_le(footer + hint::kCrcAt, crc32c(0, footer, hint::kCrcAt));
  HintFooter out;
  return decode_hint_footer(file, file.size(), "h", &out).code();
}

void every_flip_is_seen(void**) {
  assert_true(accepts(sample()));
  assert_int_equal(test::first_unseen_flip(sample(), accepts), -1);
}

void every_cut_is_seen(void**) { assert_int_equal(test::first_unseen_cut(sample(), accepts), -1); }

void newer_version_is_unsupported(void**) {
  assert_int_equal(footer_with<uint32_t>(hint::kVersionAt, kFormatVersion + 1), Code::unsupported);
  assert_int_equal(footer_with<uint32_t>(hint::kVersionAt, 0), Code::corrupt);
}

void footer_fields_are_judged(void**) {
  assert_int_equal(footer_with<uint32_t>(hint::kSaltAt, 1), Code::ok);
  assert_int_equal(footer_with<uint32_t>(hint::kSaltAt, 0), Code::corrupt);
  assert_int_equal(footer_with<uint32_t>(hint::kReserved1At, 1), Code::corrupt);
  for (size_t at = hint::kReserved2At; at < hint::kVersionAt; ++at) {
    assert_int_equal(footer_with<uint8_t>(at, 1), Code::corrupt);
  }
  assert_int_equal(footer_with<uint64_t>(hint::kFileIdAt, 0), Code::corrupt);
  assert_int_equal(footer_with<uint64_t>(hint::kDataLengthAt, 561), Code::corrupt);
  assert_int_equal(footer_with<uint64_t>(hint::kFirstSeqAt, 11), Code::corrupt);
  assert_int_equal(footer_with<uint64_t>(hint::kOperationsAt, 2), Code::corrupt);
  assert_int_equal(footer_with<uint64_t>(hint::kTombstonesAt, 4), Code::corrupt);
  assert_int_equal(footer_with<uint64_t>(hint::kEntryBytesAt, 441), Code::corrupt);
  assert_int_equal(footer_with<uint64_t>(hint::kRecordBytesAt, 561), Code::corrupt);
}

void sections_must_fill_the_file(void**) {
  for (const size_t at : {hint::kRangesAt, hint::kIndexAt, hint::kFilterAt}) {
    for (const size_t half : {size_t{0}, size_t{8}}) {
      for (const uint64_t v :
           {uint64_t{1}, uint64_t{36}, uint64_t{1} << 62, UINT64_MAX, UINT64_MAX - 10}) {
        assert_int_equal(footer_with<uint64_t>(at + half, v), Code::corrupt);
      }
    }
  }
}

// Lengths whose sums wrap around to where the next part is said to begin.
void sections_must_not_wrap_around(void**) {
  std::string file = sample();
  char* footer = file.data() + file.size() - kHintFooterSize;
  const uint64_t ranges = load_le<uint64_t>(footer + hint::kRangesAt);
  store_le(footer + hint::kRangesAt + 8, uint64_t{0} - ranges);
  store_le(footer + hint::kIndexAt, uint64_t{0});
  store_le(footer + hint::kIndexAt + 8, load_le<uint64_t>(footer + hint::kFilterAt));
  store_le(footer + hint::kCrcAt, crc32c(0, footer, hint::kCrcAt));
  HintFooter out;
  assert_int_equal(decode_hint_footer(file, file.size(), "h", &out).code(), Code::corrupt);
}

struct RawEntry {
  uint8_t head;
  uint64_t shared;
  std::string suffix;
  uint64_t seq_step = 2;
  uint64_t offset_units = 8;
  uint64_t value_length = 3;
};

// A block of entries as given, with its checksum right.
bool block_is_sound(const std::vector<RawEntry>& entries, const std::string& extra = "") {
  std::string s;
  for (const RawEntry& e : entries) {
    s.push_back(static_cast<char>(e.head));
    append_varint(&s, e.shared);
    append_varint(&s, e.suffix.size());
    append_varint(&s, e.seq_step);
    append_varint(&s, e.offset_units);
    if ((e.head & 15) == 1) append_varint(&s, e.value_length);
    if (e.head & 16) append_varint(&s, 99);
    s += e.suffix;
  }
  s += extra;
  append_crc(&s);
  const test::Exact exact(s);
  const test::ReadBlock block = test::read_block(exact.bytes(), 0);
  assert_true(test::read_block(exact.bytes(), entries.size()) == block);
  return !block.damaged;
}

void block_entries_are_judged(void**) {
  assert_true(block_is_sound({{1, 0, "a"}, {2, 1, "b"}, {0x11, 0, "b"}}));
  assert_false(block_is_sound({{0, 0, "a"}}));                          // kind none
  assert_false(block_is_sound({{3, 0, "a"}}));                          // range tombstone
  assert_false(block_is_sound({{0x12, 0, "a"}}));                       // tombstone with expiry
  assert_false(block_is_sound({{0x21, 0, "a"}}));                       // unknown bit
  assert_false(block_is_sound({{1, 1, "a"}}));                          // shares with nothing
  assert_false(block_is_sound({{1, 0, ""}}));                           // empty key
  assert_false(block_is_sound({{1, 0, "ab"}, {1, 2, ""}}));             // the same key again
  assert_false(block_is_sound({{1, 0, "b"}, {1, 0, "a"}}));             // descends
  assert_false(block_is_sound({{1, 0, "ab"}, {1, 1, "a"}}));            // descends in the suffix
  assert_false(block_is_sound({{1, 0, "a", 0}}));                       // seq 0
  assert_false(block_is_sound({{1, 0, "a", 2, 7}}));                    // inside the file header
  assert_false(block_is_sound({{1, 0, "a", 2, 1ULL << 29}}));           // beyond any file
  assert_false(block_is_sound({{1, 0, "a", 2, UINT64_MAX}}));           // offset overflows
  assert_false(block_is_sound({{1, UINT64_MAX, "a"}}));                 // length overflows
  assert_false(block_is_sound({{1, 0, "a"}}, std::string(1, '\x01')));  // begins another entry
  assert_true(block_is_sound({{1, 0, "a", 2, 8, kValueSizeMax}}));
  assert_false(block_is_sound({{1, 0, "a", 2, 8, kValueSizeMax + 1}}));
  assert_false(block_is_sound({}));
  const std::string largest(kKeySizeMax, 'k');
  assert_true(block_is_sound({{1, 0, largest}}));
  assert_false(block_is_sound({{1, 0, std::string(kKeySizeMax + 1, 'k')}}));
  assert_false(block_is_sound({{1, 0, largest}, {1, kKeySizeMax, "k"}}));
}

void a_damaged_filter_says_yes(void**) {
  for (const Bytes bad : {Bytes(""), Bytes("x"), Bytes("0123456789abcdef")}) {
    const HintFilter filter(bad, kSalt);
    assert_true(filter.damaged());
    assert_true(filter.may_contain("k"));
  }
  std::string other_probes(64, '\0');
  other_probes += std::string("\x07\0\0\0", 4);
  append_crc(&other_probes);
  assert_true(HintFilter(other_probes, kSalt).may_contain("k"));
}

void ranges_are_judged(void**) {
  const auto sound = [](uint64_t count, Bytes from, Bytes to, uint64_t seq, uint64_t units) {
    std::string s;
    append_varint(&s, count);
    for (const Bytes bound : {from, to}) {
      append_varint(&s, bound.size());
      s += bound;
    }
    append_varint(&s, seq);
    append_varint(&s, units);
    append_crc(&s);
    std::vector<HintRangeTombstone> out;
    return decode_hint_ranges(test::Exact(s).bytes(), "h", &out).ok();
  };
  assert_true(sound(1, "a", "b", 5, 8));
  assert_true(sound(1, "", "", 5, 8));
  assert_true(sound(1, "b", "", 5, 8));    // to the end
  assert_false(sound(2, "a", "b", 5, 8));  // count
  assert_false(sound(0, "a", "b", 5, 8));
  assert_false(sound(1, "b", "a", 5, 8));  // ends before it begins
  assert_false(sound(1, "a", "a", 5, 8));
  assert_false(sound(1, "a", "b", 0, 8));  // seq
  assert_false(sound(1, "a", "b", 5, 7));  // offset
  const std::string long_key(kKeySizeMax + 1, 'a');
  assert_false(sound(1, long_key, "b", 5, 8));
}

void index_is_judged(void**) {
  const auto sound = [](std::string s) {
    append_crc(&s);
    HintIndex out;
    return decode_hint_index(test::Exact(s).bytes(), "h", &out).ok();
  };
  assert_true(
      sound(std::string("\x02\x09\x01"
                        "a\x0a\x01"
                        "b",
                        7)));
  assert_true(sound(std::string("\0", 1)));
  assert_false(sound(""));
  assert_false(
      sound(std::string("\x01\x09\x01"
                        "a\x0a\x01"
                        "b",
                        7)));  // count
  assert_false(
      sound(std::string("\x02\x09\x01"
                        "b\x0a\x01"
                        "a",
                        7)));  // descends
  assert_false(
      sound(std::string("\x01\x04\x01"
                        "a",
                        4)));                         // block of a crc
  assert_false(sound(std::string("\x01\x09\0", 3)));  // no key
  assert_false(
      sound(std::string("\x01\x09\x02"
                        "a",
                        4)));  // key cut
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::every_flip_is_seen),
      cmocka_unit_test(stave::every_cut_is_seen),
      cmocka_unit_test(stave::newer_version_is_unsupported),
      cmocka_unit_test(stave::footer_fields_are_judged),
      cmocka_unit_test(stave::sections_must_fill_the_file),
      cmocka_unit_test(stave::sections_must_not_wrap_around),
      cmocka_unit_test(stave::block_entries_are_judged),
      cmocka_unit_test(stave::a_damaged_filter_says_yes),
      cmocka_unit_test(stave::ranges_are_judged),
      cmocka_unit_test(stave::index_is_judged),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
