// Seeded random bytes for every decoder: they may refuse or accept, but never leave the bytes
// (run it under asan) and what they accept must be within its limits.
#include "format/checkpoint.h"
#include "format/crc32c.h"
#include "format/hint.h"
#include "format/manifest.h"
#include "format/record.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"
#include "unit/format/hint_util.h"

namespace stave {
namespace {

using test::Exact;
using test::Random;

constexpr uint32_t kSalt = 0x11223344;
constexpr int kRounds = 20000;

// Random bytes, but often small numbers, so that lengths and kinds are met.
std::string noise(Random* random, size_t n) {
  std::string s = random->bytes(n);
  for (char& c : s) {
    if (random->below(3) != 0) c = static_cast<char>(random->below(6));
  }
  return s;
}

std::string mutated(Random* random, std::string s) {
  for (uint64_t n = random->below(4); n > 0 && !s.empty(); --n) {
    const size_t at = random->below(s.size());
    switch (random->below(4)) {
      case 0:
        s[at] = static_cast<char>(s[at] ^ (1 << random->below(8)));
        break;
      case 1:
        s.resize(at);
        break;
      case 2:
        s.insert(at, noise(random, random->below(16)));
        break;
      default:
        s.erase(at, random->below(16));
    }
  }
  return s;
}

// With the checksum right, so that what stands behind it is reached.
std::string with_crc_behind(std::string s) {
  char crc[4];
  store_le(crc, crc32c(0, s.data(), s.size()));
  return s.append(crc, 4);
}

void records(void**) {
  Random random(test::test_seed());
  for (int i = 0; i < kRounds; ++i) {
    std::string bytes = noise(&random, random.below(96));
    if (bytes.size() >= kRecordHeaderSize && random.below(2) == 0) {
      store_le(bytes.data(), crc32c(kSalt, bytes.data() + 4, bytes.size() - 4));
    }
    const Exact exact(bytes);
    Record r;
    uint64_t size = 0;
    const Parse parsed = parse_record(exact.bytes().data(), bytes.size(), kSalt, &r, &size);
    if (parsed != Parse::ok) continue;
    assert_true(size <= bytes.size() && size % 8 == 0 && r.value.size() < size);
    if (r.kind == Kind::batch) (void)BatchReader::check(r, kSalt);
  }
}

void unchecked_records_and_batches(void**) {
  Random random(test::test_seed());
  int batches = 0;
  for (int i = 0; i < kRounds; ++i) {
    std::string bytes = noise(&random, kBatchHeaderSize + 8 * random.below(10));
    bytes[4] = static_cast<char>(random.below(6));
    bytes[5] = bytes[6] = bytes[7] = 0;
    store_le<uint32_t>(bytes.data() + 8, static_cast<uint32_t>(bytes.size() - 20));
    const Exact exact(bytes);
    Record r;
    uint64_t size = 0;
    if (parse_record_unchecked(exact.bytes().data(), bytes.size(), &r, &size) != Parse::ok)
      continue;
    if (r.kind != Kind::batch) continue;
    ++batches;
    (void)BatchReader::check(r, kSalt);
  }
  assert_true(batches > kRounds / 20);
}

void file_headers_and_manifests(void**) {
  Random random(test::test_seed());
  Manifest m;
  m.next_file_id = 9;
  m.files = {{3, Origin::log, true, 4096, 7},
             {8, Origin::merge, false, 0, 0},
             {5, Origin::log, false, 64, 0}};
  const std::string good = encode_manifest(m);
  const std::string body = good.substr(0, good.size() - 16);
  int accepted = 0;
  for (int i = 0; i < kRounds; ++i) {
    FileHeader h;
    (void)decode_file_header(Exact(noise(&random, random.below(70))).bytes(), "f", &h);
    std::string text = mutated(&random, body);
    char last[24];
    std::snprintf(last, sizeof last, "crc32c %08x\n", crc32c(0, text.data(), text.size()));
    Manifest out;
    text += last;
    if (!decode_manifest(Exact(text).bytes(), "M", &out).ok()) continue;
    ++accepted;
    assert_true(encode_manifest(out) == text);  // one spelling only
  }
  assert_true(accepted > kRounds / 10);
}

std::string sample_hint() {
  HintBuilder b(kSalt);
  for (int i = 0; i < 200; ++i) {
    char key[24];
    std::snprintf(key, sizeof key, "key%08d", i);
    b.add({key, i % 3 == 0 ? Kind::tombstone : Kind::put, 9, 64, 0, 0});
  }
  b.add_range_tombstone({"a", "b", 5, 64});
  HintSummary s;
  s.file_id = 1;
  s.data_length = 1 << 20;
  s.last_seq = 9;
  s.operations = 200;
  s.record_bytes = 1 << 19;
  return b.finish(s);
}

void hints(void**) {
  Random random(test::test_seed());
  const std::string good = sample_hint();
  const auto whole = test::read_hint(good);
  assert_true(whole.has_value());
  const HintFooter f = whole->footer;
  for (int i = 0; i < kRounds / 4; ++i) {
    (void)test::read_hint(Exact(mutated(&random, good)).bytes());
    const std::string block =
        with_crc_behind(mutated(&random, good.substr(0, f.ranges_offset - 4)));
    const Exact exact(block);
    HintBlockReader reader(exact.bytes());
    std::string last;
    while (reader.next()) {
      const HintEntry& e = reader.entry();
      assert_true(e.key > Bytes(last) && e.seq > 0 && e.offset % 8 == 0);
      last.assign(e.key);
    }
    assert_true(test::read_block(exact.bytes(), 1 + random.below(20)) ==
                test::read_block(exact.bytes(), 0));
    HintBlockReader skipping(exact.bytes());
    const std::string bound = "key" + std::to_string(random.below(300));
    while (skipping.next()) (void)skipping.skip_below(bound);
    const std::string index =
        with_crc_behind(mutated(&random, good.substr(f.index_offset, f.index_length - 4)));
    HintIndex blocks;
    (void)decode_hint_index(Exact(index).bytes(), "h", &blocks);
    const std::string ranges =
        with_crc_behind(mutated(&random, good.substr(f.ranges_offset, f.ranges_length - 4)));
    std::vector<HintRangeTombstone> out;
    (void)decode_hint_ranges(Exact(ranges).bytes(), "h", &out);
    const Exact filter(with_crc_behind(noise(&random, random.below(200))));
    (void)HintFilter(filter.bytes(), kSalt).may_contain("key");
  }
}

void checkpoints(void**) {
  Random random(test::test_seed());
  Checkpoint c;
  c.files.resize(2);
  c.files[0].id = c.files[1].id = 1;
  c.files[0].salt = c.files[1].salt = 1;
  c.shards.resize(4);
  const std::string good = encode_checkpoint(c);
  for (int i = 0; i < kRounds / 4; ++i) {
    std::string bytes = good;
    for (int n = 0; n < 3; ++n) {
      bytes[12 + random.below(1500)] = static_cast<char>(random.below(6));
    }
    store_le(bytes.data() + 4092, crc32c(0, bytes.data(), 4092));
    Checkpoint out;
    (void)decode_checkpoint(Exact(bytes).bytes(), 1 << 20, "K", &out);
    (void)decode_checkpoint(Exact(bytes.substr(0, random.below(4097))).bytes(), 4096, "K", &out);
  }
  Checkpoint out;
  assert_true(decode_checkpoint(good, good.size(), "K", &out).ok());
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::records),
      cmocka_unit_test(stave::unchecked_records_and_batches),
      cmocka_unit_test(stave::file_headers_and_manifests),
      cmocka_unit_test(stave::hints),
      cmocka_unit_test(stave::checkpoints),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
