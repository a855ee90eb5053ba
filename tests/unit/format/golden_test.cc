// The files of tests/golden/v1, a store written by format version 1, which must never change:
// today's encoders write the same bytes, and today's decoders read them.
// Run with an argument to write the files anew for a new version: unit_format_golden DIR.
#include <fstream>
#include <iterator>
#include <map>

#include "format/checkpoint.h"
#include "format/crc32c.h"
#include "format/hint.h"
#include "format/manifest.h"
#include "support/cmocka.h"
#include "unit/format/hint_util.h"

namespace stave {
namespace {

constexpr uint32_t kSalt = 0x11223344;

Uuid sample_uuid() {
  Uuid u{};
  for (size_t i = 0; i < u.size(); ++i) u[i] = static_cast<uint8_t>(i * 17);
  return u;
}

std::string data_file(uint64_t id, Origin origin, const std::vector<Record>& records) {
  std::string s(kFileHeaderSize, '\0');
  encode_file_header(s.data(), {origin, sample_uuid(), 0xa1a2a3a4a5a6a7a8, id, kSalt});
  for (const Record& r : records) {
    const size_t at = s.size();
    s.resize(at + record_size(r));
    encode_record(s.data() + at, kSalt, r);
  }
  return s;
}

const std::string& long_value() {
  static const std::string value(300, 'v');
  return value;
}

std::string merged() {
  return data_file(12, Origin::merge,
                   {{Kind::put, 0, 7, 0, "apple", "12345"},
                    {Kind::tombstone, 0, 9, 0, "apply", ""},
                    {Kind::put, 0, 8, 4000000000000, "b", long_value()},
                    {Kind::range_tombstone, 0, 10, 0, "x", "y"}});
}

std::string hint() {
  HintBuilder b(kSalt);
  b.add({"apple", Kind::put, 7, 64, 5, 0});
  b.add({"apply", Kind::tombstone, 9, 96, 0, 0});
  b.add({"b", Kind::put, 8, 128, 300, 4000000000000});
  b.add_range_tombstone({"x", "y", 10, 464});
  HintSummary s;
  s.file_id = 12;
  s.data_length = merged().size();
  s.first_seq = 7;
  s.last_seq = 10;
  s.operations = 3;
  s.record_bytes = 400;
  return b.finish(s);
}

// A batch, a mark, a record flagged durable, and room allocated behind them.
std::string log() {
  std::string s = data_file(11, Origin::log, {{Kind::put, 0, 11, 0, "x1", "covered no more"}});
  const std::string inner = data_file(11, Origin::log,
                                      {{Kind::put, kFlagInner, 12, 0, "c", "in a batch"},
                                       {Kind::tombstone, kFlagInner, 13, 0, "apple", ""}})
                                .substr(kFileHeaderSize);
  std::string frame(kBatchHeaderSize, '\0');
  frame += inner;
  encode_batch_header(frame.data(), kSalt, 0, 12, 2, frame.size());
  s += frame;
  s += data_file(11, Origin::log,
                 {{Kind::mark, 0, 13, 0, "", ""}, {Kind::put, kFlagDurable, 14, 0, "d", ""}})
           .substr(kFileHeaderSize);
  return s + std::string(256, '\0');
}

std::string manifest() {
  Manifest m;
  m.uuid = sample_uuid();
  m.lineage = 0xa1a2a3a4a5a6a7a8;
  m.lock_inode = 4711;
  m.generation = 9;
  m.next_file_id = 15;
  m.seq_floor = 1000;
  m.feed_floor = 3;
  m.clock_high_ms = 1700000000000;
  m.files = {{12, Origin::merge, true, merged().size(), 10}, {11, Origin::log, false, 0, 0}};
  return encode_manifest(m);
}

std::string keydir() {
  const std::string slots(32, '\x5a');
  Checkpoint c;
  c.uuid = sample_uuid();
  c.generation = 8;  // stale, as it may be
  CheckpointFile f;
  f.id = 12;
  f.salt = kSalt;
  c.files = {f};
  c.shards = {{slots.size(), 2, 2, crc32c(0, slots.data(), slots.size())}};
  return encode_checkpoint(c) + slots + std::string(kCheckpointUnit - slots.size(), '\0');
}

std::map<std::string, std::string> golden() {
  return {{"MANIFEST", manifest()},
          {data_file_name(12), merged()},
          {hint_file_name(12), hint()},
          {data_file_name(11), log()},
          {"KEYDIR", keydir()}};
}

std::string read(const std::string& name) {
  std::ifstream in(STAVE_GOLDEN_DIR "/v1/" + name, std::ios::binary);
  assert_true(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

void encoders_write_the_golden_bytes(void**) {
  for (const auto& [name, bytes] : golden()) {
    if (read(name) != bytes) fail_msg("%s is no longer what it was", name.c_str());
  }
}

void decoders_read_the_golden_files(void**) {
  Manifest m;
  assert_true(decode_manifest(read("MANIFEST"), "MANIFEST", &m).ok());
  assert_int_equal(m.files.size(), 2);
  FileHeader h;
  assert_true(decode_file_header(read(data_file_name(12)), "12", &h).ok());
  assert_int_equal(h.salt, kSalt);
  const auto whole = test::read_hint(read(hint_file_name(12)));
  assert_true(whole.has_value());
  assert_int_equal(whole->entries.size(), 3);
  Checkpoint c;
  const std::string bytes = read("KEYDIR");
  assert_true(decode_checkpoint(bytes, bytes.size(), "KEYDIR", &c).ok());
}

void hint_leads_to_the_records(void**) {
  const std::string data = read(data_file_name(12));
  const auto whole = test::read_hint(read(hint_file_name(12)));
  assert_true(whole.has_value());
  for (const test::OwnedEntry& e : whole->entries) {
    Record r;
    uint64_t size = 0;
    const char* at = data.data() + e.offset;
    assert_int_equal(parse_record(at, data.size() - e.offset, kSalt, &r, &size), Parse::ok);
    assert_true(r.key == e.key && r.seq == e.seq && r.kind == e.kind &&
                r.value.size() == e.value_length && r.expires_at_ms == e.expires_at_ms);
  }
}

}  // namespace
}  // namespace stave

int main(int argc, char** argv) {
  if (argc == 2) {
    for (const auto& [name, bytes] : stave::golden()) {
      std::ofstream(argv[1] + ("/" + name), std::ios::binary) << bytes;
    }
    return 0;
  }
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::encoders_write_the_golden_bytes),
      cmocka_unit_test(stave::decoders_read_the_golden_files),
      cmocka_unit_test(stave::hint_leads_to_the_records),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
