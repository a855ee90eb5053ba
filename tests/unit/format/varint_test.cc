#include "format/varint.h"

#include <string>

#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

bool read(Bytes bytes, uint64_t* v) {
  const test::Exact exact(bytes);
  ByteReader c(exact.bytes());
  return c.varint(v) && c.done();
}

void known_encodings(void**) {
  const struct {
    uint64_t value;
    const char* hex;
  } all[] = {
      {0, "00"},     {1, "01"},       {127, "7f"},       {128, "8001"},
      {300, "ac02"}, {16383, "ff7f"}, {16384, "808001"}, {UINT64_MAX, "ffffffffffffffffff01"}};
  for (const auto& each : all) {
    std::string s;
    append_varint(&s, each.value);
    assert_string_equal(test::to_hex(s).c_str(), each.hex);
    uint64_t back = 1;
    assert_true(read(s, &back));
    assert_true(back == each.value);
  }
}

void every_bit_length_round_trips_and_cuts_are_seen(void**) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const uint64_t v : {uint64_t{1} << bits, (uint64_t{1} << bits) - 1, UINT64_MAX >> bits}) {
      std::string s;
      append_varint(&s, v);
      uint64_t back = 0;
      assert_true(read(s, &back));
      assert_true(back == v);
      const size_t size = s.size();
      s.append(8, '\xff');
      back = 0;
      assert_int_equal(load_varint(s.data(), &back), size <= 8 ? size : 0);
      if (size <= 8) assert_true(back == v);
      s.resize(size);
      for (size_t n = 0; n < s.size(); ++n) assert_false(read(Bytes(s).substr(0, n), &back));
    }
  }
}

void one_spelling_for_each_number(void**) {
  uint64_t v = 0;
  assert_false(read(Bytes("\x80\x00", 2), &v));                            // 0 in two bytes
  assert_false(read(Bytes("\x81\x80\x00", 3), &v));                        // 1 in three
  assert_false(read("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", &v));      // over 64 bits
  assert_false(read("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", &v));  // over ten bytes
}

void zigzag_keeps_every_difference(void**) {
  assert_int_equal(zigzag(0), 0);
  assert_int_equal(zigzag(static_cast<uint64_t>(-1)), 1);
  assert_int_equal(zigzag(1), 2);
  for (const uint64_t a : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 63, UINT64_MAX}) {
    for (const uint64_t b : {uint64_t{0}, uint64_t{5}, uint64_t{1} << 63, UINT64_MAX}) {
      assert_true(a + unzigzag(zigzag(b - a)) == b);
    }
  }
}

void cursor_stays_within_its_bytes(void**) {
  const test::Exact three("abc");
  ByteReader c(three.bytes());
  Bytes part;
  assert_false(c.bytes(4, &part));
  assert_false(c.bytes(UINT64_MAX, &part));
  assert_true(c.bytes(3, &part) && part == "abc" && c.done());
  assert_true(c.bytes(0, &part));
  uint8_t b = 0;
  assert_false(c.byte(&b));
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::known_encodings),
      cmocka_unit_test(stave::every_bit_length_round_trips_and_cuts_are_seen),
      cmocka_unit_test(stave::one_spelling_for_each_number),
      cmocka_unit_test(stave::zigzag_keeps_every_difference),
      cmocka_unit_test(stave::cursor_stays_within_its_bytes),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
