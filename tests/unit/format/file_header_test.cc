#include "format/file_header.h"

#include "format/crc32c.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

FileHeader sample() {
  FileHeader h;
  h.origin = Origin::merge;
  for (size_t i = 0; i < h.uuid.size(); ++i) h.uuid[i] = static_cast<uint8_t>(i * 17);
  h.lineage = 0xa1a2a3a4a5a6a7a8;
  h.file_id = 12;
  h.salt = 0x11223344;
  return h;
}

std::string encode(const FileHeader& h) {
  std::string s(kFileHeaderSize, '\xee');
  encode_file_header(s.data(), h);
  return s;
}

std::string with_u32(std::string s, size_t at, uint32_t v) {
  store_le(s.data() + at, v);
  store_le(s.data() + 60, crc32c(0, s.data(), 60));
  return s;
}

Code decode(Bytes bytes) {
  FileHeader out;
  return decode_file_header(bytes, "0000000012.log", &out).code();
}
bool accepts(Bytes bytes) { return decode(bytes) == Code::ok; }

void golden_bytes_and_back(void**) {
  const std::string bytes = encode(sample());
  assert_string_equal(test::to_hex(bytes).c_str(),
                      "8953544156454c0a010000000200000000112233445566778899aabbccddeeff"
                      "a8a7a6a5a4a3a2a10c00000000000000443322110000000000000000b2577a15");
  FileHeader out;
  assert_true(decode_file_header(bytes, "x", &out).ok());
  assert_true(out.origin == Origin::merge && out.uuid == sample().uuid && out.file_id == 12 &&
              out.lineage == sample().lineage && out.salt == sample().salt);
}

void every_flip_and_cut_is_seen(void**) {
  assert_int_equal(test::first_unseen_flip(encode(sample()), accepts), -1);
  assert_int_equal(test::first_unseen_cut(encode(sample()), accepts), -1);
}

void all_zeros_are_no_header(void**) {
  assert_int_equal(decode(std::string(64, '\0')), Code::corrupt);
}

void newer_version_is_unsupported_if_its_checksum_is_right(void**) {
  std::string bytes = with_u32(encode(sample()), 8, kFormatVersion + 1);
  assert_int_equal(decode(bytes), Code::unsupported);
  bytes[60] = static_cast<char>(bytes[60] ^ 1);
  assert_int_equal(decode(bytes), Code::corrupt);
  for (size_t bit = 0; bit < 32; ++bit) {  // a flip in the version is damage
    bytes = encode(sample());
    bytes[8 + bit / 8] = static_cast<char>(bytes[8 + bit / 8] ^ (1 << bit % 8));
    assert_int_equal(decode(bytes), Code::corrupt);
  }
  bytes = with_u32(encode(sample()), 8, kFormatVersion + 1);
  bytes[0] = 'x';  // not ours at all
  assert_int_equal(decode(bytes), Code::corrupt);
}

void fields_out_of_range_are_corrupt(void**) {
  assert_true(accepts(with_u32(encode(sample()), 12, 1)));
  assert_int_equal(decode(with_u32(encode(sample()), 8, 0)), Code::corrupt);   // version 0
  assert_int_equal(decode(with_u32(encode(sample()), 12, 3)), Code::corrupt);  // origin
  assert_int_equal(decode(with_u32(encode(sample()), 12, 0)), Code::corrupt);
  assert_int_equal(decode(with_u32(encode(sample()), 40, 0)), Code::corrupt);  // file id
  assert_int_equal(decode(with_u32(encode(sample()), 44, 9)), Code::corrupt);
  assert_int_equal(decode(with_u32(encode(sample()), 48, 0)), Code::corrupt);  // salt
  assert_int_equal(decode(with_u32(encode(sample()), 52, 1)), Code::corrupt);  // reserved
}

void message_names_the_file(void**) {
  FileHeader out;
  const Status s = decode_file_header("", "0000000012.log", &out);
  assert_true(s.message().starts_with("0000000012.log at offset 0: "));
}

void file_names(void**) {
  assert_string_equal(data_file_name(12).c_str(), "0000000012.log");
  assert_string_equal(hint_file_name(kFileIdMax).c_str(), "9999999999.hint");
  uint64_t id = 0;
  assert_true(parse_data_file_name("0000000012.log", &id) && id == 12);
  assert_true(parse_hint_file_name("9999999999.hint", &id) && id == kFileIdMax);
  for (const char* bad : {"", "12.log", "0000000012", "0000000012.hint", "00000000012.log",
                          "000000001a.log", "+000000012.log", "0000000012.log~", " 000000012.log",
                          "0000000000.log", "0000000012.LOG"}) {
    assert_false(parse_data_file_name(bad, &id));
  }
  assert_false(parse_hint_file_name("0000000012.log", &id));
}

void uuids_as_text(void**) {
  const std::string text = uuid_text(sample().uuid);
  assert_string_equal(text.c_str(), "00112233-4455-6677-8899-aabbccddeeff");
  Uuid back{};
  assert_true(parse_uuid(text, &back) && back == sample().uuid);
  for (const char* bad :
       {"", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-AABBCCDDEEFF",
        "00112233x4455-6677-8899-aabbccddeeff", "0011223304455-6677-8899-aabbccddeeff",
        "00112233-4455-6677-8899-aabbccddeeff0"}) {
    assert_false(parse_uuid(bad, &back));
  }
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::golden_bytes_and_back),
      cmocka_unit_test(stave::every_flip_and_cut_is_seen),
      cmocka_unit_test(stave::all_zeros_are_no_header),
      cmocka_unit_test(stave::newer_version_is_unsupported_if_its_checksum_is_right),
      cmocka_unit_test(stave::fields_out_of_range_are_corrupt),
      cmocka_unit_test(stave::message_names_the_file),
      cmocka_unit_test(stave::file_names),
      cmocka_unit_test(stave::uuids_as_text),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
