// What a merge keeps, drops and leaves behind, case by case. Case names cite merge.h (M1..M8).
#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

Options small_files(uint64_t bytes = 1 << 20) {
  Options o;
  o.max_file_size = bytes;
  return o;
}

void LiveIsCopiedInKeyOrderAndDeadDropped(void**) {
  MergeWorld w(small_files());
  w.put("b", "old");
  w.put("a", "1");
  w.put("gone", "x");
  const auto first = w.rotate();
  w.put("b", "new");
  w.put("c", "3");
  w.erase("gone");
  const auto second = w.rotate();
  assert_true(w.merge().ok());
  assert_int_equal(w.catalog->manifest().feed_floor, 6);
  assert_int_equal(w.files().size(), 2);  // the output and the active file
  const auto output = w.files()[0];
  assert_true(output->header().origin == Origin::merge && output->sealed());
  assert_true(output->salt() != 0 && output->salt() != first->salt());
  assert_int_equal(output->counts.operations, 3);
  assert_int_equal(live(*output), 3);
  assert_int_equal(tombstones(*output), 0);
  assert_int_equal(output->counts.first_seq, 2);
  assert_int_equal(output->counts.last_seq, 5);
  auto hint = HintFile::open(*w.env, output);
  assert_true(hint.ok());
  assert_int_equal((*hint)->summary().entries, 3);
  const auto cursor = (*hint)->cursor();
  std::string keys;
  uint64_t offset = kFileHeaderSize;
  while (cursor->next()) {
    keys += cursor->entry().key;
    assert_int_equal(cursor->entry().offset, offset);
    offset += record_size(1, cursor->entry().value_length, false);
  }
  assert_string_equal(keys.c_str(), "abc");
  w.check();
  w.check_counts();
}

void InputsAreUnlinkedWhenTheirLastUserGoes(void**) {
  MergeWorld w(small_files());
  w.put("a", "1");
  auto input = w.rotate();
  const std::string path = input->path();
  const std::string hint_path = input->hint_path();
  assert_true(w.merge().ok());
  assert_true(*w.fs.exists(path));
  assert_null(w.space->segment_at(input->address_of(kFileHeaderSize)));
  assert_true(w.space->claim(input->extent()));  // its addresses are free again
  input.reset();
  assert_false(*w.fs.exists(path));
  assert_false(*w.fs.exists(hint_path));
  assert_true(w.leftovers().empty());
  w.check();
}

void NothingLeftMeansNoOutputAndNeedsNoSpace(void**) {
  MergeWorld w(small_files());
  w.put("a", "1");
  w.rotate();
  w.erase("a");
  w.put("b", "2");
  w.erase("b");
  w.rotate();
  w.fs.set_free_space(0);
  assert_true(w.merge().ok());
  assert_int_equal(w.files().size(), 1);
  assert_true(w.leftovers().empty());
  w.fs.set_free_space(1 << 30);
  w.check();
}

void OutputsRollOverAtSizeAndEntries(void**) {
  for (const bool by_size : {true, false}) {
    Options o = small_files(by_size ? 8192 : 1 << 20);
    if (!by_size) o.max_file_entries = 30;
    MergeWorld w(o);
    for (uint64_t i = 0; i < 100; ++i) w.put(named("k", (i * 37) % 100), std::string(200, 'v'));
    w.rotate();
    w.put("l", std::string(20'000, 'x'));  // longer than a file: gets its own
    w.put("m", "y");
    w.rotate();
    assert_true(w.merge().ok());
    const SegmentList files = w.files();
    assert_true(files.size() >= 5);
    std::string last;
    for (size_t i = 0; i + 1 < files.size(); ++i) {
      assert_true(files[i]->tail() <= o.max_file_size || live(*files[i]) == 1);
      assert_true(live(*files[i]) <= o.max_file_entries);
      auto hint = HintFile::open(*w.env, files[i]).take();
      const auto cursor = hint->cursor();
      while (cursor->next()) {
        assert_true(last < cursor->entry().key);
        last = cursor->entry().key;
      }
    }
    w.check();
    w.check_counts();
  }
}

void OutputsStandRightBeforeTheActiveFile(void**) {
  MergeWorld w(small_files());
  w.put("a", "1");
  const auto first = w.rotate();
  w.put("b", "1");
  const auto stays = w.rotate();
  const uint64_t active_at_start = w.files().back()->id();
  auto job = w.job({first});
  // Puts and a rotation come while the merge runs: the new files stand behind its output.
  w.before_durable = [&] {
    w.before_durable = nullptr;
    w.put("a", "2");
    w.rotate();
    w.put("a", "3");
  };
  assert_true(job->run().ok());
  const SegmentList files = w.files();
  assert_int_equal(files.size(), 4);
  assert_ptr_equal(files[0].get(), stays.get());
  assert_ptr_equal(files[1].get(), job->outputs()[0].get());
  assert_int_equal(files[2]->id(), active_at_start);
  w.check();
  w.check_counts();
}

// The file that a first put makes while a merge runs must stand behind the merge's output.
void OutputsStandBeforeAFileThatCameWhenNoneWasActive(void**) {
  MergeWorld w(small_files());
  w.put("k", "1");
  w.rotate();
  w.erase("k");
  const auto input = w.rotate();
  const SegmentList before = w.files();
  Manifest m = w.catalog->manifest();
  m.files.pop_back();
  Catalog catalog(w.env, m, {before[0], before[1]});  // no active file
  const auto began = catalog.version();
  assert_true(catalog.add(before[2], 100).ok());
  assert_true(catalog.replace({input}, {input}, *began, 0).ok());
  assert_ptr_equal(catalog.version()->segments[1].get(), input.get());
  assert_ptr_equal(catalog.version()->segments[2].get(), before[2].get());
}

// M5
void APutDuringTheMergeWins(void**) {
  MergeWorld w(small_files());
  for (uint64_t i = 0; i < 10; ++i) w.put(named("k", i), "old");
  w.rotate();
  w.before_durable = [&] {
    w.put(named("k", 3), "new");
    w.erase(named("k", 4));
  };
  assert_true(w.merge().ok());
  const auto output = w.files()[0];
  assert_int_equal(output->counts.operations, 10);
  assert_int_equal(live(*output), 8);
  w.check();
  w.check_counts();
}

// M3: a power cut right after the switch must not lose what the merge relied on.
void TheLogIsDurableBeforeTheSwitch(void**) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    MergeWorld w(small_files());
    w.put("a", "synced");
    w.rotate();
    w.put("a", "newer, not synced");
    assert_true(w.merge().ok());
    const auto cut = w.fs.after_power_cut(seed);
    const State found = w.load(*cut);
    assert_int_equal(found.count("a"), 1);
    assert_string_equal(found.at("a").c_str(), "newer, not synced");
  }
}

void BatchesAreDissolvedAndFlagsCleared(void**) {
  MergeWorld w(small_files());
  w.batch({{"a", "1"}, {"b", "2"}, {"a", "3"}});
  w.rotate();
  assert_true(w.merge().ok());
  const auto output = w.files()[0];
  assert_int_equal(live(*output), 2);
  std::string bytes(output->tail(), '\0');
  assert_true(output->read_exact(0, bytes.data(), bytes.size()).ok());
  for (uint64_t at = kFileHeaderSize; at < bytes.size();) {
    Record r;
    uint64_t size = 0;
    assert_true(parse_record(bytes.data() + at, bytes.size() - at, output->salt(), &r, &size) ==
                Parse::ok);
    assert_true(r.kind == Kind::put && r.flags == 0);
    at += size;
  }
  w.check();
}

void ExpiryAndValuesOfAllSizesSurvive(void**) {
  for (const Io io : {Io::mapped, Io::positional}) {
    Options o = small_files(64 << 20);
    o.io = io;
    MergeWorld w(o);
    for (uint64_t i = 0; i < 300; ++i) {
      w.put(named("k", (i * 7) % 300), std::string(i * i % 9000, static_cast<char>('a' + i % 26)),
            i % 3 == 0 ? 5'000'000 : 0);
    }
    w.put("empty", "");
    w.put("large", std::string(9 << 20, 'L'));  // more than a window
    w.put(std::string(kKeySizeMax, 'K'), "long key");
    w.rotate();
    for (uint64_t i = 0; i < 300; i += 2) w.put(named("k", i), "again");
    w.rotate();
    assert_true(w.merge().ok());
    w.check();
    assert_true(w.merge().ok());  // sorted inputs are read straight into place
    w.check();
    w.check_counts();
    w.clock.ms = 6'000'000;  // now they expire
    w.check();
    assert_true(w.merge().ok());
    w.check();
    w.check_counts();
  }
}

void RebuiltHintOfAMergedFileIsAccepted(void**) {
  MergeWorld w(small_files(64 << 20));
  // More than one run, seqs falling with the keys: the file's ends do not hold its extremes.
  const uint64_t n = kRunOperations + 500;
  for (uint64_t i = n; i-- > 0;) w.put(named("k", i), "v");
  w.rotate();
  assert_true(w.merge().ok());
  const auto output = w.files()[0];
  assert_true(w.fs.unlink(output->hint_path()).ok());
  for (uint64_t i = 0; i < n; i += 2) w.erase(named("k", i));
  w.rotate();
  assert_true(w.merge().ok());
  assert_int_equal(live(*w.files()[0]), n / 2);
  w.check_counts();
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(LiveIsCopiedInKeyOrderAndDeadDropped),
      cmocka_unit_test(InputsAreUnlinkedWhenTheirLastUserGoes),
      cmocka_unit_test(NothingLeftMeansNoOutputAndNeedsNoSpace),
      cmocka_unit_test(OutputsRollOverAtSizeAndEntries),
      cmocka_unit_test(OutputsStandRightBeforeTheActiveFile),
      cmocka_unit_test(OutputsStandBeforeAFileThatCameWhenNoneWasActive),
      cmocka_unit_test(APutDuringTheMergeWins),
      cmocka_unit_test(TheLogIsDurableBeforeTheSwitch),
      cmocka_unit_test(BatchesAreDissolvedAndFlagsCleared),
      cmocka_unit_test(ExpiryAndValuesOfAllSizesSurvive),
      cmocka_unit_test(RebuiltHintOfAMergedFileIsAccepted),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
