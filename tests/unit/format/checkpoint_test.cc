#include "format/checkpoint.h"

#include "base/limits.h"
#include "format/crc32c.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

constexpr size_t kFileAt = 88;
constexpr size_t kShardAt = kFileAt + 608;

Checkpoint sample() {
  Checkpoint c;
  for (size_t i = 0; i < 16; ++i) c.uuid[i] = static_cast<uint8_t>(i * 17);
  for (size_t i = 0; i < 16; ++i) c.secret[i] = static_cast<uint8_t>(200 + i);
  c.lineage = 0xa1a2a3a4a5a6a7a8;
  c.generation = 9;
  c.hash_bits = 12;
  c.last_seq = 1000;
  CheckpointFile f;
  f.id = 12;
  f.salt = 0x11223344;
  f.extent = 8;
  f.extent_count = 1000;
  f.covered = 4096;
  f.first_seq = 3;
  f.last_seq = 900;
  f.operations = 5;
  f.record_bytes = 6;
  f.live_records = 7;
  f.live_bytes = 8;
  f.tombstones = 9;
  for (size_t i = 0; i < kSizeClasses; ++i) {
    f.class_count[i] = i;
    f.class_bytes[i] = i * 100;
  }
  c.files = {f};
  c.shards = {{4112, 2, 1, 0xdeadbeef}, {0, 0, 0, 0}, {16, 1, 1, 1}};
  return c;
}
constexpr uint64_t kSize = 4096 + 2 * 3 * 4096;  // of a file with these shards

Code decode(Bytes bytes, uint64_t file_size = kSize) {
  Checkpoint out;
  return decode_checkpoint(bytes, file_size, "KEYDIR", &out).code();
}
bool accepts(Bytes bytes) { return decode(bytes) == Code::ok; }

template <typename T>
Code with(size_t at, T v) {
  std::string s = encode_checkpoint(sample());
  store_le(s.data() + at, v);
  store_le(s.data() + s.size() - 4, crc32c(0, s.data(), s.size() - 4));
  return decode(s);
}

void golden_header(void**) {
  const std::string bytes = encode_checkpoint(sample());
  assert_int_equal(bytes.size(), 4096);
  assert_int_equal(checkpoint_header_size(1, 3), 4096);
  assert_string_equal(test::to_hex(Bytes(bytes).substr(0, 120)).c_str(),
                      "8953544156454b0a0100000000100000"
                      "00112233445566778899aabbccddeeff"
                      "a8a7a6a5a4a3a2a10900000000000000"
                      "c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
                      "e8030000000000000c00000000000000"
                      "01000000030000000c00000000000000"
                      "44332211000000000800000000000000"
                      "e803000000000000");
  assert_string_equal(test::to_hex(Bytes(bytes).substr(kShardAt, 32)).c_str(),
                      "10100000000000000200000000000000"
                      "0100000000000000efbeadde00000000");
}

void round_trip(void**) {
  Checkpoint out;
  assert_true(decode_checkpoint(encode_checkpoint(sample()), kSize, "KEYDIR", &out).ok());
  assert_true(encode_checkpoint(out) == encode_checkpoint(sample()));
  assert_true(out.secret == sample().secret && out.files[0].class_bytes[31] == 3100);
  assert_true(out.shards[2].length == 16 && out.shards[0].crc == 0xdeadbeef);
  assert_true(out.files[0].tombstones == 9 && out.last_seq == 1000 && out.hash_bits == 12);
}

void many_files_and_shards(void**) {
  Checkpoint c;
  for (uint64_t id = 1; id <= 100; ++id) {
    CheckpointFile f;
    f.id = id;
    f.salt = 1;
    c.files.push_back(f);
  }
  c.shards.resize(256);
  const std::string bytes = encode_checkpoint(c);
  assert_int_equal(checkpoint_header_bytes(Bytes(bytes).substr(0, 16)), bytes.size());
  assert_int_equal(bytes.size() % kCheckpointUnit, 0);
  Checkpoint out;
  assert_true(decode_checkpoint(bytes, bytes.size(), "KEYDIR", &out).ok());
  assert_int_equal(out.files.size(), 100);
}

void every_flip_and_cut_is_seen(void**) {
  const std::string good = encode_checkpoint(sample());
  assert_true(accepts(good));
  assert_int_equal(test::first_unseen_flip(good, accepts), -1);
  assert_int_equal(test::first_unseen_cut(good, accepts), -1);
}

void header_bytes_are_bounded(void**) {
  std::string s = encode_checkpoint(sample()).substr(0, 16);
  assert_int_equal(checkpoint_header_bytes(s), 4096);
  assert_int_equal(checkpoint_header_bytes(Bytes(s).substr(0, 15)), 0);
  for (const uint32_t bad : {0U, 16U, 4095U, 5000U, 0xfffff000U}) {
    store_le(s.data() + 12, bad);
    assert_int_equal(checkpoint_header_bytes(s), 0);
  }
  s[0] = 'x';
  assert_int_equal(checkpoint_header_bytes(s), 0);
}

void newer_version_is_unsupported(void**) {
  assert_int_equal(with<uint32_t>(8, kFormatVersion + 1), Code::unsupported);
  assert_int_equal(with<uint32_t>(8, 0), Code::corrupt);
  std::string s = encode_checkpoint(sample()).substr(0, 16);
  store_le(s.data() + 8, kFormatVersion + 1);
  assert_int_equal(checkpoint_header_bytes(s), 16);
  assert_int_equal(decode(s), Code::unsupported);
}

void fields_are_judged(void**) {
  assert_int_equal(with<uint32_t>(76, 2), Code::corrupt);           // kind of hash
  assert_int_equal(with<uint32_t>(80, 0xffffffff), Code::corrupt);  // number of files
  assert_int_equal(with<uint32_t>(80, 20), Code::corrupt);
  assert_int_equal(with<uint32_t>(84, 0xffffffff), Code::corrupt);  // number of shards
  assert_int_equal(with<uint64_t>(kFileAt, 0), Code::corrupt);      // id
  assert_int_equal(with<uint64_t>(kFileAt + 8, 0), Code::corrupt);  // salt
  assert_int_equal(with<uint64_t>(kFileAt + 8, 1ULL << 32), Code::corrupt);
  assert_int_equal(with<uint64_t>(kFileAt + 16, UINT64_MAX), Code::corrupt);  // extent
  assert_int_equal(with<uint64_t>(kFileAt + 24, UINT64_MAX), Code::corrupt);
  assert_int_equal(with<uint64_t>(kFileAt + 32, UINT64_MAX), Code::corrupt);  // covered
  assert_int_equal(with<uint64_t>(kFileAt + 40, 901), Code::corrupt);         // first seq
  assert_int_equal(with<uint8_t>(kShardAt + 3 * 32, 1), Code::corrupt);       // padding
}

void tables_end_within_the_file(void**) {
  const std::string good = encode_checkpoint(sample());
  assert_int_equal(checkpoint_rows(sample().shards), 2);
  assert_int_equal(decode(good, kSize - 1), Code::corrupt);
  assert_int_equal(decode(good, 4096), Code::corrupt);
  assert_int_equal(decode(good, 4095), Code::corrupt);
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{4113}, uint64_t{2 * 4096 + 16}, uint64_t{1} << 62, UINT64_MAX - 15}) {
    assert_int_equal(with<uint64_t>(kShardAt, length), Code::corrupt);
  }
  assert_int_equal(with<uint64_t>(kShardAt, 2 * 4096), Code::ok);
  assert_int_equal(with<uint64_t>(kShardAt + 16, 258), Code::corrupt);         // keys for its slots
  assert_int_equal(with<uint64_t>(kShardAt + 24, 1ULL << 32), Code::corrupt);  // crc
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::golden_header),
      cmocka_unit_test(stave::round_trip),
      cmocka_unit_test(stave::many_files_and_shards),
      cmocka_unit_test(stave::every_flip_and_cut_is_seen),
      cmocka_unit_test(stave::header_bytes_are_bounded),
      cmocka_unit_test(stave::newer_version_is_unsupported),
      cmocka_unit_test(stave::fields_are_judged),
      cmocka_unit_test(stave::tables_end_within_the_file),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
