// Hints that do not fit, are cut, flipped or forged: each is refused, or what is read of it is
// right, or its cursor says that it is damaged. Never a crash, never a wrong entry.
#include <map>

#include "engine/hint_file.h"
#include "unit/engine/log_maker.h"

namespace stave {
namespace {

using test::LogMaker;
using test::Operation;
using test::World;

struct Indexed {
  explicit Indexed(size_t count) : log(12, 1) {
    std::mt19937_64 random(test::seed());
    log.erase_range("a", "b");
    random_operations(random, &log, count, count);
    segment = w.segment(log);
    assert_true(rebuild_hint(*w.env, *segment).ok());
    bytes = w.read_file(segment->hint_path());
    for (const Operation& o : log.operations()) {
      if (o.kind != Kind::range_tombstone) model[o.key] = o;
    }
  }
  World w;
  LogMaker log;
  std::shared_ptr<Segment> segment;
  std::string bytes;
  std::map<std::string, Operation> model;
};

bool right(const HintEntry& e, const Operation& o) {
  return e.key == o.key && e.kind == o.kind && e.seq == o.seq && e.offset == o.offset &&
         e.value_length == o.value.size() && e.expires_at_ms == o.expires_at_ms;
}

// Whether the whole hint was read without an error; each entry on the way is right.
bool reads_right(Indexed& x) {
  auto hint = HintFile::open(*x.w.env, x.segment);
  if (!hint.ok()) {
    assert_true(hint.status().is(Code::corrupt) || hint.status().is(Code::unsupported));
    return false;
  }
  auto cursor = (*hint)->cursor();
  auto expected = x.model.begin();
  while (cursor->next()) {
    assert_true(expected != x.model.end());
    assert_true(right(cursor->entry(), (expected++)->second));
  }
  for (const auto& [key, operation] : x.model) {
    const Result<bool> contains = (*hint)->contains(key);
    assert_true(!contains.ok() || *contains);  // "no" would drop a tombstone that is needed
  }
  if (cursor->status().ok()) {
    assert_true(expected == x.model.end());
    return true;
  }
  assert_true(cursor->status().is(Code::corrupt));
  return false;
}

void every_truncation_is_refused(void**) {
  Indexed x(300);
  for (size_t length = 0; length < x.bytes.size(); length += 1 + length % 7) {
    x.w.write_file(x.segment->hint_path(), Bytes(x.bytes).substr(0, length));
    assert_true(HintFile::open(*x.w.env, x.segment).status().is(Code::corrupt));
  }
}

void every_flipped_bit_is_refused_or_told(void**) {
  Indexed x(60);
  assert_true(reads_right(x));
  size_t refused = 0;
  for (size_t at = 0; at < x.bytes.size(); ++at) {
    const unsigned bit = static_cast<unsigned>(at % 8);
    assert_true(x.w.fs.flip_bit(x.segment->hint_path(), at, bit));
    refused += reads_right(x) ? 0 : 1;
    assert_true(x.w.fs.flip_bit(x.segment->hint_path(), at, bit));
  }
  // Only the filter's section may be damaged without harm: it then answers "maybe".
  const size_t filter = 64 * (1 + x.model.size() * 10 / 512) + 8;
  assert_in_range(refused, x.bytes.size() - filter, x.bytes.size());
  assert_true(reads_right(x));
}

void random_damage(void**) {
  std::mt19937_64 random(test::seed());
  Indexed x(2000);
  for (int i = 0; i < 400; ++i) {
    std::string bytes = x.bytes;
    for (uint64_t n = 1 + test::below(random, 20); n-- > 0;) {
      const size_t at = test::below(random, bytes.size());
      switch (test::below(random, 3)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, test::below(random, 300));
          break;
        default:
          bytes.insert(at, test::below(random, 300), static_cast<char>(random()));
      }
      if (bytes.empty()) bytes.push_back('x');
    }
    x.w.write_file(x.segment->hint_path(), bytes);
    (void)reads_right(x);
  }
}

void a_hint_of_another_file_or_length_is_refused(void**) {
  Indexed x(100);
  x.segment->publish_tail(x.log.size() - 8);
  assert_true(HintFile::open(*x.w.env, x.segment).status().is(Code::corrupt));
  x.segment->publish_tail(x.log.size() + 8);
  assert_true(HintFile::open(*x.w.env, x.segment).status().is(Code::corrupt));
  x.segment->publish_tail(x.log.size());

  LogMaker other(13, 1);
  other.bytes().append(Bytes(x.log.bytes()).substr(kFileHeaderSize));
  const auto segment = x.w.segment(other);
  x.w.write_file(segment->hint_path(), x.bytes);
  assert_true(HintFile::open(*x.w.env, segment).status().is(Code::corrupt));
}

// The same id and length, but written anew: the salt differs.
void a_hint_of_an_earlier_file_of_that_name_is_refused(void**) {
  World w;
  LogMaker log(12, 1);
  log.put("key", "value");
  const auto segment = w.segment(log);
  for (const uint32_t salt : {log.salt(), log.salt() + 1}) {
    HintSummary s;
    s.file_id = 12;
    s.data_length = log.size();
    s.first_seq = s.last_seq = s.operations = 1;
    s.record_bytes = log.size() - kFileHeaderSize;
    HintBuilder builder(salt);
    builder.add({"key", Kind::put, 1, kFileHeaderSize, 5, 0});
    w.write_file(segment->hint_path(), builder.finish(s));
    const Status opened = HintFile::open(*w.env, segment).status();
    assert_true(opened.is(salt == log.salt() ? Code::ok : Code::corrupt));
  }
}

// Whole hints with good checksums that say what cannot be: only a bug writes them.
void forged_entries_are_told(void**) {
  World w;
  LogMaker log(12, 10);
  log.put("key", "value");
  const auto segment = w.segment(log);
  const HintEntry good{"key", Kind::put, 10, kFileHeaderSize, 5, 0};
  HintEntry beyond = good, long_value = good, old = good, young = good;
  beyond.offset = log.size();
  long_value.value_length = UINT32_MAX - (1 << 20);
  old.seq = 9;
  young.seq = 11;
  for (const HintEntry& e : {good, beyond, long_value, old, young}) {
    HintSummary s;
    s.file_id = 12;
    s.data_length = log.size();
    s.first_seq = s.last_seq = 10;
    s.operations = 1;
    s.record_bytes = log.size() - kFileHeaderSize;
    HintBuilder builder(log.salt());
    builder.add(e);
    w.write_file(segment->hint_path(), builder.finish(s));
    auto hint = HintFile::open(*w.env, segment);
    const bool is_good = e.offset == good.offset && e.seq == 10 && e.value_length == 5;
    if (!hint.ok()) {
      assert_false(is_good);
      continue;
    }
    auto cursor = (*hint)->cursor();
    assert_true(cursor->next() == is_good);
    assert_true(cursor->status().is(is_good ? Code::ok : Code::corrupt));
  }
}

// Upwards those before it come first; downwards nothing of its block does.
void a_forged_entry_among_many(void**) {
  World w;
  LogMaker log(12, 10);
  for (int i = 0; i < 90; ++i) log.put("key" + std::to_string(10 + i), "value");
  const auto segment = w.segment(log);
  for (const int forged : {0, 1, 37, 88, 89}) {
    HintBuilder builder(log.salt());
    for (int i = 0; i < 90; ++i) {
      const test::Operation& o = log.operations()[i];
      builder.add({o.key, Kind::put, o.seq, i == forged ? log.size() : o.offset, 5, 0});
    }
    HintSummary s;
    s.file_id = 12;
    s.data_length = log.size();
    s.first_seq = 10;
    s.last_seq = 99;
    s.operations = 90;
    s.record_bytes = log.size() - kFileHeaderSize;
    w.write_file(segment->hint_path(), builder.finish(s));
    auto hint = HintFile::open(*w.env, segment);
    assert_true(hint.ok());
    auto cursor = (*hint)->cursor();
    cursor->seek({});
    for (int i = 0; i < forged; ++i) {
      assert_true(cursor->next());
      assert_true(cursor->entry().key == Bytes(log.operations()[i].key));
    }
    for (int i = 0; i < 3; ++i) assert_false(cursor->next());
    assert_true(cursor->status().is(Code::corrupt));
    cursor->seek_down({});
    assert_false(cursor->next());
    assert_true(cursor->status().is(Code::corrupt));
  }
}

void a_read_error_is_an_error_and_contains_does_not_say_no(void**) {
  Indexed x(3000);
  auto hint = HintFile::open(*x.w.env, x.segment);
  assert_true(hint.ok());
  x.w.fs.inject({test::Op::read, 1, 5, true});
  auto cursor = (*hint)->cursor();
  assert_false(cursor->next());
  assert_true(cursor->status().is(Code::io));
  assert_true((*hint)->contains(x.model.rbegin()->first).status().is(Code::io));
  x.w.fs.clear_faults();
  assert_true(HintFile::open(*x.w.env, x.segment).ok());
  for (uint64_t nth = 1; nth <= 3; ++nth) {
    x.w.fs.inject({test::Op::read, nth});
    assert_true(HintFile::open(*x.w.env, x.segment).status().is(Code::io));
    x.w.fs.clear_faults();
  }
}

}  // namespace
}  // namespace stave

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(stave::every_truncation_is_refused),
      cmocka_unit_test(stave::every_flipped_bit_is_refused_or_told),
      cmocka_unit_test(stave::random_damage),
      cmocka_unit_test(stave::a_hint_of_another_file_or_length_is_refused),
      cmocka_unit_test(stave::a_hint_of_an_earlier_file_of_that_name_is_refused),
      cmocka_unit_test(stave::forged_entries_are_told),
      cmocka_unit_test(stave::a_forged_entry_among_many),
      cmocka_unit_test(stave::a_read_error_is_an_error_and_contains_does_not_say_no),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
