#include "format/record.h"

#include <string>

#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

using test::Exact;

constexpr uint32_t kSalt = 0x11223344;

std::string encode(const Record& r, uint32_t salt = kSalt) {
  std::string s(record_size(r), '\xee');  // what stood there before must not show
  encode_record(s.data(), salt, r);
  return s;
}

Parse parse(Bytes bytes, Record* out, uint64_t* size) {
  return parse_record(bytes.data(), bytes.size(), kSalt, out, size);
}

bool accepts(Bytes bytes) {
  Record r;
  uint64_t size = 0;
  return parse(bytes, &r, &size) == Parse::ok;
}

// A record by its fields, with the checksum made right, to ask for structure alone.
std::string handmade(uint8_t kind, uint8_t flags, uint16_t key_len, uint32_t value_len,
                     uint64_t seq, std::string tail) {
  std::string s(kRecordHeaderSize, '\0');
  s[4] = static_cast<char>(kind);
  s[5] = static_cast<char>(flags);
  store_le(s.data() + 6, key_len);
  store_le(s.data() + 8, value_len);
  store_le(s.data() + 12, seq);
  s += tail;
  s.resize(align_up(s.size(), 8));
  store_le(s.data(), crc32c(kSalt, s.data() + 4, s.size() - 4));
  return s;
}

void golden_bytes(void**) {
  assert_string_equal(test::to_hex(encode({Kind::put, 0, 1, 0, "key", "value"})).c_str(),
                      "b63f9adb010003000500000001000000000000006b657976616c756500000000");
  assert_string_equal(
      test::to_hex(encode({Kind::put, kFlagDurable, 0x0102030405060708, 1700000000000, "k", ""}))
          .c_str(),
      "c5bfcf5f010301000000000008070605040302010068e5cf8b0100006b000000");
  assert_string_equal(test::to_hex(encode({Kind::tombstone, 0, 2, 0, "key", ""})).c_str(),
                      "4b2ee10c020003000000000002000000000000006b657900");
  assert_string_equal(test::to_hex(encode({Kind::range_tombstone, 0, 3, 0, "a", "b"})).c_str(),
                      "28af31ea0300010001000000030000000000000061620000");
  assert_string_equal(test::to_hex(encode({Kind::mark, 0, 3, 0, "", ""})).c_str(),
                      "6759546c0500000000000000030000000000000000000000");
}

void round_trip(void**) {
  const Record all[] = {
      {Kind::put, 0, 1, 0, "k", ""},
      {Kind::put, kFlagDurable, UINT64_MAX, UINT64_MAX, "key", "a value"},
      {Kind::tombstone, kFlagDurable, 5, 0, Bytes("\0\xff", 2), ""},
      {Kind::range_tombstone, 0, 6, 0, "", "z"},
      {Kind::range_tombstone, 0, 6, 0, "a", ""},
      {Kind::mark, 0, 0, 0, "", ""},
  };
  for (const Record& in : all) {
    const std::string bytes = encode(in) + "what follows";
    Record out;
    uint64_t size = 0;
    assert_int_equal(parse(bytes, &out, &size), Parse::ok);
    assert_int_equal(size, record_size(in));
    assert_true(out.kind == in.kind && out.seq == in.seq && out.key == in.key &&
                out.value == in.value && out.expires_at_ms == in.expires_at_ms);
    assert_int_equal(out.flags & kFlagDurable, in.flags & kFlagDurable);
    assert_int_equal((out.flags & kFlagExpiry) != 0, in.expires_at_ms != 0);
  }
}

void every_length_round_trips_and_ends_in_zeros(void**) {
  const std::string text(70, 'x');
  for (size_t k = 1; k < 20; ++k) {
    for (size_t v = 0; v < 20; ++v) {
      for (const uint64_t expiry : {uint64_t{0}, uint64_t{77}}) {
        const Record in{
            Kind::put, 0, 9, expiry, Bytes(text).substr(0, k), Bytes(text).substr(0, v)};
        const Exact bytes(encode(in));
        assert_int_equal(bytes.bytes().size() % 8, 0);
        Record out;
        uint64_t size = 0;
        assert_int_equal(parse(bytes.bytes(), &out, &size), Parse::ok);
        assert_true(out.key == in.key && out.value == in.value);
        const uint64_t used = kRecordHeaderSize + (expiry != 0 ? 8 : 0) + k + v;
        for (const char c : bytes.bytes().substr(used)) assert_int_equal(c, 0);
      }
    }
  }
}

void largest_key_round_trips(void**) {
  const std::string key(kKeySizeMax, 'k');
  const std::string bytes = encode({Kind::put, 0, 1, 0, key, "v"});
  Record out;
  uint64_t size = 0;
  assert_int_equal(parse(bytes, &out, &size), Parse::ok);
  assert_int_equal(out.key.size(), kKeySizeMax);
}

void zero_header_is_the_end(void**) {
  Record r;
  uint64_t size = 0;
  const std::string zeros(64, '\0');
  assert_int_equal(parse(zeros, &r, &size), Parse::end);
  for (size_t n = 0; n < kRecordHeaderSize; ++n) {
    const Exact few(std::string(n, '\x01'));
    assert_int_equal(parse(few.bytes(), &r, &size), Parse::end);
  }
  for (size_t i = 0; i < kRecordHeaderSize; ++i) {  // one byte is enough not to be the end
    std::string nearly(64, '\0');
    nearly[i] = 1;
    assert_int_equal(parse(nearly, &r, &size), Parse::invalid);
  }
}

void every_flipped_bit_is_seen(void**) {
  for (const Record& r :
       {Record{Kind::put, 0, 1, 0, "key", "value"},
        Record{Kind::put, kFlagDurable, 1, 5, "k", "some value"},
        Record{Kind::tombstone, 0, 1, 0, "key", ""},
        Record{Kind::range_tombstone, 0, 1, 0, "a", "bcd"}, Record{Kind::mark, 0, 1, 0, "", ""}}) {
    assert_int_equal(test::first_unseen_flip(encode(r), accepts), -1);
  }
}

void every_cut_is_seen(void**) {
  assert_int_equal(test::first_unseen_cut(encode({Kind::put, 0, 1, 3, "key", "value"}), accepts),
                   -1);
  assert_int_equal(test::first_unseen_cut(encode({Kind::mark, 0, 1, 0, "", ""}), accepts), -1);
}

void another_files_record_is_refused(void**) {
  assert_false(accepts(encode({Kind::put, 0, 1, 0, "key", "value"}, kSalt + 1)));
}

void structure_is_judged_beside_the_checksum(void**) {
  assert_true(accepts(handmade(1, 0, 1, 1, 1, "kv")));  // the maker itself is right
  assert_true(accepts(handmade(5, 0, 0, 0, 0, "")));
  assert_true(accepts(handmade(3, 0, 1, 1, 1, "ab")));
  const std::string expiry(8, '\x01');
  const std::string no_expiry(8, '\0');
  const std::string bad[] = {
      handmade(0, 0, 1, 1, 1, "kv"),              // kind 0 with content
      handmade(6, 0, 1, 1, 1, "kv"),              // unknown kind
      handmade(0x81, 0, 1, 1, 1, "kv"),           //
      handmade(1, 8, 1, 1, 1, "kv"),              // unknown flag
      handmade(3, 4, 1, 1, 1, "ab"),              // inner, but no plain operation
      handmade(4, 4, 0, 4, 1, "abcd"),            //
      handmade(5, 4, 0, 0, 1, ""),                //
      handmade(1, 0, 0, 1, 1, "v"),               // put without a key
      handmade(1, 0, 1, 1, 0, "kv"),              // operation without a seq
      handmade(1, 1, 1, 1, 1, no_expiry + "kv"),  // flag set, expiry 0
      handmade(1, 0, 1, 0xffffffff, 1, "kv"),     // value longer than the bytes
      handmade(2, 0, 0, 0, 1, ""),                // tombstone without a key
      handmade(2, 0, 1, 1, 1, "kv"),              // tombstone with a value
      handmade(2, 1, 1, 0, 1, expiry + "k"),      // tombstone with an expiry
      handmade(3, 0, 1, 1, 1, "ba"),              // range that ends before it begins
      handmade(3, 0, 1, 1, 1, "aa"),              // empty range
      handmade(3, 1, 1, 1, 1, expiry + "ab"),     // range with an expiry
      handmade(4, 0, 0, 3, 1, "abc"),             // batch without a count
      handmade(4, 0, 1, 4, 1, "abcde"),           // batch with a key
      handmade(4, 0, 0, 5, 1, "abcde"),           // batch that would need padding
      handmade(4, 1, 0, 4, 1, expiry + "abcd"),   // batch with an expiry
      handmade(5, 0, 1, 0, 1, "k"),               // mark with a key
      handmade(5, 0, 0, 1, 1, "v"),               // mark with a value
      handmade(5, 1, 0, 0, 1, expiry),            // mark with an expiry
      handmade(1, 0, 1, 1, 1, "kv!"),             // padding that is not zero
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    if (accepts(bad[i])) fail_msg("case %zu was accepted", i);
  }
}

// Bytes of that length would not fit a test; the shape is judged before them.
void lengths_beyond_the_limits_have_no_valid_shape(void**) {
  assert_true(record_shape_valid(Kind::put, 0, kKeySizeMax, kValueSizeMax, 1));
  assert_false(record_shape_valid(Kind::put, 0, 1, kValueSizeMax + 1, 1));
  assert_true(record_shape_valid(Kind::batch, 0, 0, kBatchSizeMax + 4, 1));
  assert_false(record_shape_valid(Kind::batch, 0, 0, kBatchSizeMax + 12, 1));
}

void range_bounds_are_at_most_a_keys_length(void**) {
  const std::string to(kKeySizeMax, 'b');
  assert_true(accepts(handmade(3, 0, 1, kKeySizeMax, 1, "a" + to)));
  assert_false(accepts(handmade(3, 0, 1, kKeySizeMax + 1, 1, "a" + to + "b")));
}

// What merge does: the record's own meaning stays, what it said of its old file goes.
void resalted_record_belongs_to_the_other_file(void**) {
  const Record in{Kind::put, kFlagInner | kFlagDurable, 7, 99, "key", "value"};
  std::string bytes = encode(in, kSalt + 1);
  assert_false(accepts(bytes));
  resalt_record(bytes.data(), bytes.size(), kSalt);
  assert_true(bytes == encode({Kind::put, 0, 7, 99, "key", "value"}));
}

void unchecked_parse_skips_only_the_checksum(void**) {
  std::string bytes = encode({Kind::put, 0, 1, 0, "key", "value"});
  bytes[0] = static_cast<char>(bytes[0] ^ 1);
  Record r;
  uint64_t size = 0;
  assert_int_equal(parse_record_unchecked(bytes.data(), bytes.size(), &r, &size), Parse::ok);
  assert_true(r.value == "value");
  bytes[4] = 9;
  assert_int_equal(parse_record_unchecked(bytes.data(), bytes.size(), &r, &size), Parse::invalid);
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::golden_bytes),
      cmocka_unit_test(stave::round_trip),
      cmocka_unit_test(stave::every_length_round_trips_and_ends_in_zeros),
      cmocka_unit_test(stave::largest_key_round_trips),
      cmocka_unit_test(stave::zero_header_is_the_end),
      cmocka_unit_test(stave::every_flipped_bit_is_seen),
      cmocka_unit_test(stave::every_cut_is_seen),
      cmocka_unit_test(stave::another_files_record_is_refused),
      cmocka_unit_test(stave::structure_is_judged_beside_the_checksum),
      cmocka_unit_test(stave::lengths_beyond_the_limits_have_no_valid_shape),
      cmocka_unit_test(stave::range_bounds_are_at_most_a_keys_length),
      cmocka_unit_test(stave::resalted_record_belongs_to_the_other_file),
      cmocka_unit_test(stave::unchecked_parse_skips_only_the_checksum),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
