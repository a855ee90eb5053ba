#include "format/hint.h"

#include <algorithm>
#include <set>

#include "base/key_code.h"
#include "support/cmocka.h"
#include "unit/format/bytes_util.h"
#include "unit/format/hint_util.h"

namespace stave {
namespace {

using test::OwnedEntry;
using test::Random;
using test::WholeHint;

constexpr uint32_t kSalt = 0x11223344;

HintSummary summary(uint64_t operations) {
  HintSummary s;
  s.file_id = 12;
  s.data_length = 1 << 30;
  s.first_seq = 7;
  s.last_seq = 10;
  s.operations = operations;
  s.record_bytes = 1 << 30;
  return s;
}

std::string build(const std::vector<OwnedEntry>& entries, bool drained = false) {
  HintBuilder b(kSalt);
  std::string file;
  for (const OwnedEntry& e : entries) {
    b.add(test::lend(e));
    if (drained) file += b.drain();
  }
  return file + b.finish(summary(entries.size()));
}

std::vector<OwnedEntry> random_entries(Random* random, size_t n) {
  std::set<std::string> keys;
  while (keys.size() < n) {
    std::string key = random->bytes(1 + random->below(40));
    if (!keys.empty() && random->below(2) == 0) key = *keys.begin() + key;
    keys.insert(key);
  }
  std::vector<OwnedEntry> entries;
  for (const std::string& key : keys) {
    OwnedEntry e{key, Kind::put, 1 + random->bits() % 1000, 64 + 8 * random->below(1000), 0, 0};
    if (random->below(4) == 0) {
      e.kind = Kind::tombstone;
    } else {
      e.value_length = static_cast<uint32_t>(random->below(100000));
      e.expires_at_ms = random->below(2) == 0 ? 0 : random->bits() >> random->below(60) | 1;
    }
    entries.push_back(e);
  }
  return entries;
}

void golden_bytes(void**) {
  HintBuilder b(kSalt);
  b.add({"apple", Kind::put, 7, 64, 5, 0});
  b.add({"apply", Kind::tombstone, 9, 96, 0, 0});
  b.add({"b", Kind::put, 8, 128, 300, 1700000000000});
  b.add_range_tombstone({"x", "y", 10, 512});
  HintSummary s = summary(3);
  s.data_length = 560;
  s.record_bytes = 440;
  assert_string_equal(
      test::to_hex(b.finish(s)).c_str(),
      "0100050e08056170706c65020401040c791100010110ac0280d095ffbc316299a3484d"  // block
      "01017801790a40a9764db7"                                                  // ranges
      "0123056170706c65792936cd"                                                // index
      "0400000000020000000000000000000000000000000000100000000000000000000000"  // filter
      "00100000000408000000000100000000000c00400000c000050014020006000000a555"  // filter
      "133a"                                                                    // filter
      "44332211000000000c00000000000000300200000000000007000000000000000a0000"  // footer
      "00000000000300000000000000b8010000000000000300000000000000010000000000"  // footer
      "00009001000000000000010000000000000023000000000000000b000000000000002e"  // footer
      "000000000000000c000000000000003a00000000000000480000000000000000000000"  // footer
      "0000000000000000000000000000000000000000000000000000000000000000000000"  // footer
      "00010000003ab950a0895354415645480a");                                    // footer
}

void entries_round_trip_over_many_blocks(void**) {
  Random random(test::test_seed());
  const std::vector<OwnedEntry> entries = random_entries(&random, 3000);
  const std::string file = build(entries);
  const auto hint = test::read_hint(file);
  assert_true(hint.has_value());
  assert_true(hint->entries == entries);
  assert_true(hint->blocks.size() > 5);
  for (const auto& b : hint->blocks) {
    assert_true(std::any_of(entries.begin(), entries.end(),
                            [&](const OwnedEntry& e) { return e.key == b.first_key; }));
  }
}

void many_at_once_are_the_same(void**) {
  Random random(test::test_seed());
  const std::string file = build(random_entries(&random, 3000));
  const auto hint = test::read_hint(file);
  assert_true(hint.has_value());
  size_t at_once = 0;
  for (const HintBlock& b : hint->blocks) {
    const Bytes block = test::section(file, b.offset, b.length);
    const test::ReadBlock one_by_one = test::read_block(block, 0);
    for (const size_t most : {1, 2, 7, 1000}) {
      const test::ReadBlock some = test::read_block(block, most, random.below(1000));
      assert_true(some == one_by_one);
      at_once += some.at_once;
    }
  }
  assert_true(at_once > 3000);
}

// A bound's first entry, by reading all before it and by passing over them.
void skipping_leads_to_the_same_entry(void**) {
  Random random(test::test_seed());
  const std::vector<OwnedEntry> entries = random_entries(&random, 2000);
  const std::string file = build(entries);
  const auto hint = test::read_hint(file);
  assert_true(hint.has_value());
  uint64_t below = 0;
  uint64_t stops = 0;
  for (const HintBlock& b : hint->blocks) {
    for (int i = 0; i < 100; ++i) {
      std::string bound = random.below(8) == 0 ? random.bytes(1 + random.below(8))
                                               : entries[random.below(entries.size())].key;
      if (random.below(2) == 0) bound.push_back('\0');
      if (random.below(4) == 0) bound.resize(1 + random.below(bound.size()));
      if (bound <= b.first_key) continue;
      HintBlockReader plain(test::section(file, b.offset, b.length));
      HintBlockReader skipping(test::section(file, b.offset, b.length));
      bool in_block = plain.next();
      for (; in_block && plain.entry().key < Bytes(bound); ++below) in_block = plain.next();
      bool found = skipping.next();
      while (found && skipping.entry().key < Bytes(bound)) {
        const std::string last(skipping.entry().key);
        const size_t alike = skipping.skip_below(bound);
        assert_true(skipping.entry().key >= Bytes(last) && skipping.entry().key < Bytes(bound));
        assert_int_equal(alike, common_prefix(skipping.entry().key, bound));
        found = skipping.next();
        ++stops;
      }
      assert_int_equal(found, in_block);
      if (found) assert_true(test::own(skipping.entry()) == test::own(plain.entry()));
    }
  }
  assert_true(stops < below / 2);
}

void footer_counts_what_was_added(void**) {
  Random random(test::test_seed());
  const std::vector<OwnedEntry> entries = random_entries(&random, 200);
  HintSummary expected;
  HintBuilder b(kSalt);
  for (const OwnedEntry& e : entries) {
    b.add(test::lend(e));
    ++expected.entries;
    expected.tombstones += e.kind == Kind::tombstone ? 1 : 0;
    expected.entry_bytes += record_size(e.key.size(), e.value_length, e.expires_at_ms != 0);
  }
  const auto hint = test::read_hint(b.finish(summary(500)));
  assert_true(hint.has_value());
  const HintSummary& found = hint->footer.summary;
  assert_int_equal(found.salt, kSalt);
  assert_int_equal(found.file_id, 12);
  assert_int_equal(found.first_seq, 7);
  assert_int_equal(found.last_seq, 10);
  assert_int_equal(found.operations, 500);
  assert_int_equal(found.record_bytes, 1 << 30);
  assert_int_equal(found.data_length, 1 << 30);
  assert_int_equal(found.entries, 200);
  assert_int_equal(found.tombstones, expected.tombstones);
  assert_int_equal(found.entry_bytes, expected.entry_bytes);
  assert_int_equal(b.entries(), 200);
}

void draining_changes_nothing(void**) {
  Random random(test::test_seed());
  const std::vector<OwnedEntry> entries = random_entries(&random, 1000);
  assert_true(build(entries, false) == build(entries, true));
}

void a_file_without_entries(void**) {
  HintBuilder b(kSalt);
  b.add_range_tombstone({"", "", 8, 64});
  HintSummary s;
  s.file_id = 1;
  s.data_length = 88;
  s.first_seq = s.last_seq = 8;
  const auto hint = test::read_hint(b.finish(s));
  assert_true(hint.has_value());
  assert_true(hint->entries.empty() && hint->blocks.empty());
  assert_int_equal(hint->ranges.size(), 1);
  assert_true(hint->ranges[0].seq == 8 && hint->ranges[0].offset == 64);
}

void ranges_round_trip(void**) {
  HintBuilder b(kSalt);
  b.add({"k", Kind::put, 7, 64, 0, 0});
  b.add_range_tombstone({"b", std::string(kKeySizeMax, 'z'), 9, 128});
  b.add_range_tombstone({"a", "c", 8, 96});  // in any order
  const auto hint = test::read_hint(b.finish(summary(1)));
  assert_true(hint.has_value());
  assert_int_equal(hint->footer.summary.range_tombstones, 2);
  assert_true(hint->ranges[0].to.size() == kKeySizeMax && hint->ranges[1].from == "a");
}

void largest_keys_round_trip(void**) {
  std::vector<OwnedEntry> entries;
  for (const char last : {'a', 'b', 'c'}) {
    entries.push_back({std::string(kKeySizeMax - 1, 'k') + last, Kind::put, 9, 64, 1, 0});
  }
  const auto hint = test::read_hint(build(entries));
  assert_true(hint.has_value());
  assert_true(hint->entries == entries);
}

std::string filter_of(const WholeHint& h, const std::string& file) {
  return file.substr(h.footer.filter_offset, h.footer.filter_length);
}

void filter_holds_every_key_and_few_others(void**) {
  std::vector<OwnedEntry> entries;
  for (int i = 0; i < 20000; ++i) {
    char key[24];
    std::snprintf(key, sizeof key, "key%08d", i);
    entries.push_back({key, Kind::put, 9, 64, 0, 0});
  }
  const std::string file = build(entries);
  const auto hint = test::read_hint(file);
  assert_true(hint.has_value());
  const std::string section = filter_of(*hint, file);
  const HintFilter filter(section, kSalt);
  int false_yes = 0;
  for (const OwnedEntry& e : entries) {
    assert_true(filter.may_contain(e.key));
    false_yes += filter.may_contain(e.key + "x") ? 1 : 0;
  }
  assert_in_range(false_yes, 1, 20000 * 15 / 1000);  // one per cent is expected
}

void filter_without_keys_says_no(void**) {
  const std::string file = build({});
  HintFooter f;
  assert_true(decode_hint_footer(file, file.size(), "h", &f).ok());
  const HintFilter filter(Bytes(file).substr(f.filter_offset, f.filter_length), kSalt);
  assert_false(filter.may_contain("k"));
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::golden_bytes),
      cmocka_unit_test(stave::entries_round_trip_over_many_blocks),
      cmocka_unit_test(stave::many_at_once_are_the_same),
      cmocka_unit_test(stave::skipping_leads_to_the_same_entry),
      cmocka_unit_test(stave::footer_counts_what_was_added),
      cmocka_unit_test(stave::draining_changes_nothing),
      cmocka_unit_test(stave::a_file_without_entries),
      cmocka_unit_test(stave::ranges_round_trip),
      cmocka_unit_test(stave::largest_keys_round_trip),
      cmocka_unit_test(stave::filter_holds_every_key_and_few_others),
      cmocka_unit_test(stave::filter_without_keys_says_no),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
