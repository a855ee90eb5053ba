#include "format/manifest.h"

#include <cinttypes>

#include "format/crc32c.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"

namespace stave {
namespace {

Manifest sample() {
  Manifest m;
  for (size_t i = 0; i < m.uuid.size(); ++i) m.uuid[i] = static_cast<uint8_t>(i * 17);
  m.lineage = 0xa1a2a3a4a5a6a7a8;
  m.lock_inode = 4711;
  m.generation = 9;
  m.next_file_id = 15;
  m.clean = true;
  m.seq_floor = 1000;
  m.feed_floor = 3;
  m.clock_high_ms = 1700000000000;
  m.files = {{3, Origin::log, true, 4096, 7},
             {12, Origin::merge, true, 64, 0},
             {11, Origin::log, false, 0, 0},
             {13, Origin::log, false, 4104, 9}};
  return m;
}

constexpr char kBody[] =
    "stave-manifest 1\n"
    "uuid 00112233-4455-6677-8899-aabbccddeeff\n"
    "lineage a1a2a3a4a5a6a7a8\n"
    "lock_inode 4711\n"
    "generation 9\n"
    "next_file_id 15\n"
    "clean 1\n"
    "seq_floor 1000\n"
    "feed_floor 3\n"
    "clock_high_ms 1700000000000\n"
    "files 4\n"
    "file 3 log sealed 4096 7\n"
    "file 12 merge sealed 64 0\n"
    "file 11 log open\n"
    "file 13 log closed 4104 9\n";

std::string closed(std::string body) {
  char last[24];
  std::snprintf(last, sizeof last, "crc32c %08" PRIx32 "\n", crc32c(0, body.data(), body.size()));
  return body + last;
}

// The sample's text with one part exchanged and the checksum made right again.
std::string with(const std::string& part, const std::string& other) {
  std::string body = kBody;
  const size_t at = body.find(part);
  assert_true(at != std::string::npos);
  return closed(body.replace(at, part.size(), other));
}

Status decode(Bytes text) {
  Manifest m;
  return decode_manifest(text, "MANIFEST", &m);
}
bool accepts(Bytes text) { return decode(text).ok(); }

void assert_corrupt(const std::string& text, const std::string& where) {
  const Status s = decode(text);
  if (s.code() != Code::corrupt || !s.message().starts_with("MANIFEST:" + where)) {
    fail_msg("%d \"%s\", expected line %s", static_cast<int>(s.code()), s.message().c_str(),
             where.c_str());
  }
}

void golden_text_and_back(void**) {
  const std::string text = encode_manifest(sample());
  assert_string_equal(text.c_str(), closed(kBody).c_str());
  Manifest m;
  assert_true(decode_manifest(text, "MANIFEST", &m).ok());
  assert_true(m == sample());
}

void default_and_extremes_round_trip(void**) {
  Manifest m;
  Manifest out;
  assert_true(decode_manifest(encode_manifest(m), "MANIFEST", &out).ok());
  assert_true(m == out);
  m = sample();
  m.lineage = m.lock_inode = m.generation = m.seq_floor = m.feed_floor = UINT64_MAX;
  m.clock_high_ms = UINT64_MAX;
  m.next_file_id = kFileIdMax + 1;
  m.files.push_back({kFileIdMax, Origin::merge, true, 4ULL << 30, UINT64_MAX});
  assert_true(decode_manifest(encode_manifest(m), "MANIFEST", &out).ok());
  assert_true(m == out);
}

void every_flip_and_cut_is_seen(void**) {
  assert_int_equal(test::first_unseen_flip(encode_manifest(sample()), accepts), -1);
  assert_int_equal(test::first_unseen_cut(encode_manifest(sample()), accepts), -1);
  assert_false(accepts(encode_manifest(sample()) + "\n"));
}

void newer_version_is_unsupported_before_anything_else(void**) {
  assert_int_equal(decode("stave-manifest 2\n\0garbage").code(), Code::unsupported);
  assert_int_equal(decode("stave-manifest 2\n").code(), Code::unsupported);
  assert_int_equal(decode(with("manifest 1", "manifest 18446744073709551615")).code(),
                   Code::unsupported);
}

void first_line_is_judged(void**) {
  assert_corrupt("", "1: ");
  assert_corrupt("stave-manifest 1", "1: ");  // no newline
  assert_corrupt(with("stave-manifest 1", "stave-manifest 0"), "1: ");
  assert_corrupt(with("stave-manifest 1", "stave-manifest 01"), "1: ");
  assert_corrupt(with("stave-manifest 1", "stave-manifest 1 "), "1: ");
  assert_corrupt(with("stave-manifest 1", "stave-manifest 18446744073709551616"), "1: ");
  assert_corrupt(with("stave-manifest", "other-manifest"), "1: ");
}

void lines_are_known_and_in_their_place(void**) {
  assert_corrupt(with("lock_inode 4711\n", ""), "4: expected");
  assert_corrupt(with("lock_inode 4711\n", "lock_inode 4711\nlock_inode 4711\n"), "5: expected");
  assert_corrupt(with("generation", "generations"), "5: expected");
  assert_corrupt(with("generation 9\n", "generation 9\nnovelty 1\n"), "6: expected");
  assert_corrupt(with("closed 4104 9\n", "closed 4104 9\nnovelty 1\n"), "16: expected");
  assert_corrupt(with("closed 4104 9\n", "closed 4104 9\n\n"), "16: expected");
}

void values_are_in_one_spelling_and_in_bounds(void**) {
  for (const char* bad :
       {"lock_inode", "lock_inode ", "lock_inode -1", "lock_inode +1", "lock_inode 01",
        "lock_inode 1 ", "lock_inode  1", "lock_inode 1x", "lock_inode 18446744073709551616"}) {
    assert_corrupt(with("lock_inode 4711", bad), "4: ");
  }
  assert_corrupt(with("00112233-", "00112233+"), "2: uuid");
  assert_corrupt(with("a1a2a3a4a5a6a7a8", "A1a2a3a4a5a6a7a8"), "3: lineage");
  assert_corrupt(with("a1a2a3a4a5a6a7a8", "a1a2a3a4a5a6a7a"), "3: lineage");
  assert_corrupt(with("next_file_id 15", "next_file_id 0"), "6: next_file_id");
  assert_corrupt(with("next_file_id 15", "next_file_id 10000000001"), "6: next_file_id");
  assert_corrupt(with("clean 1", "clean 2"), "7: clean");
}

void files_are_judged(void**) {
  assert_true(accepts(with("file 3 log", "file 14 log")));
  assert_corrupt(with("file 3 log", "file 0 log"), "12: file id");
  assert_corrupt(with("file 3 log", "file 15 log"), "12: file id");
  assert_corrupt(with("file 3 log", "file 12 log"), "15: file 12 is listed twice");
  assert_corrupt(with("3 log", "3 lag"), "12: origin");
  assert_corrupt(with("log sealed", "log shut"), "12: state");
  assert_corrupt(with("11 log open", "11 log open "), "14: state");
  assert_corrupt(with("11 log open", "11 log"), "14: state");
  assert_corrupt(with("sealed 4096", "sealed 4097"), "12: length");
  assert_corrupt(with("sealed 4096", "sealed 56"), "12: length");
  assert_corrupt(with("sealed 4096", "sealed 4294967304"), "12: length");
  assert_corrupt(with("closed 4104", "closed 0"), "15: length");
  assert_corrupt(with("4096 7", "4096"), "12: last seq");
  assert_corrupt(with("4096 7", "4096 7 7"), "12: last seq");
  assert_corrupt(with("files 4", "files 2"), "15: files says 2");
  assert_corrupt(with("files 4", "files 5"), "15: files says 5");
}

void checksum_is_required(void**) {
  assert_corrupt(kBody, "1: the last line");
  std::string text = closed(kBody);
  text.replace(text.size() - 9, 8, "00000000");
  assert_corrupt(text, "1: wrong checksum");
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::golden_text_and_back),
      cmocka_unit_test(stave::default_and_extremes_round_trip),
      cmocka_unit_test(stave::every_flip_and_cut_is_seen),
      cmocka_unit_test(stave::newer_version_is_unsupported_before_anything_else),
      cmocka_unit_test(stave::first_line_is_judged),
      cmocka_unit_test(stave::lines_are_known_and_in_their_place),
      cmocka_unit_test(stave::values_are_in_one_spelling_and_in_bounds),
      cmocka_unit_test(stave::files_are_judged),
      cmocka_unit_test(stave::checksum_is_required),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
