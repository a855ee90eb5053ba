// Which files a merge takes, why, and that merging comes to rest.
#include "engine/merge_planner.h"

#include "engine/merge_expiry.h"
#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

Options defaults() {
  Options o;
  o.max_file_size = 1 << 20;
  o.merge_threshold_small_file = 0;  // cases that want small files say so
  return o;
}

// A file of so many records, all live.
std::shared_ptr<Segment> file(MergeWorld& w, const std::string& name, uint64_t records,
                              size_t value = 10) {
  for (uint64_t i = 0; i < records; ++i) w.put(named(name, i), std::string(value, 'v'));
  return w.rotate();
}

// So many of them die; what supersedes them stands in the active file.
void kill(MergeWorld& w, const std::string& name, uint64_t records) {
  for (uint64_t i = 0; i < records; ++i) w.put(named(name, i), "");
}

SegmentList all(const std::vector<SegmentList>& rounds) {
  SegmentList list;
  for (const auto& r : rounds) list.insert(list.end(), r.begin(), r.end());
  return list;
}

bool note_has(MergeWorld& w, const Segment& s, const char* part) {
  return strstr(w.merger->note(s).c_str(), part) != nullptr;
}

void ATriggerStartsAndThresholdsJoin(void**) {
  MergeWorld w(defaults());
  MergePlanner planner(*w.env);
  const auto clean = file(w, "a", 100);
  const auto some = file(w, "b", 100);
  const auto joins = file(w, "c", 100);
  const auto starts = file(w, "d", 100);
  kill(w, "b", 39);
  kill(w, "c", 40);
  kill(w, "d", 59);
  assert_true(planner.due(*w.catalog->version()).empty());
  assert_true(note_has(w, *starts, "joins the next merge: dead 59 % >= 40 %"));
  kill(w, "d", 60);
  const auto rounds = planner.due(*w.catalog->version());
  assert_int_equal(rounds.size(), 1);
  assert_true(all(rounds) == (SegmentList{joins, starts}));
  assert_true(note_has(w, *clean, "dead 0 % < 40 %"));
  assert_true(note_has(w, *some, "dead 39 % < 40 %"));
  assert_true(note_has(w, *joins, "joins the next merge: dead 40 % >= 40 %"));
  assert_true(note_has(w, *starts, "starts a merge: dead 60 % >= 60 %"));
  assert_true(note_has(w, *w.files().back(), "not sealed"));
}

void DeadBytesTriggerToo(void**) {
  Options o = defaults();
  o.merge_trigger_dead_bytes = 100'000;
  o.merge_threshold_dead_bytes = 50'000;
  MergeWorld w(o);
  MergePlanner planner(*w.env);
  const auto joins = file(w, "a", 200, 2000);
  const auto starts = file(w, "b", 200, 2000);
  kill(w, "a", 30);
  kill(w, "b", 45);
  assert_true(planner.due(*w.catalog->version()).empty());
  kill(w, "b", 55);
  assert_true(all(planner.due(*w.catalog->version())) == (SegmentList{joins, starts}));
  assert_true(note_has(w, *starts, "MiB >="));
}

// Nothing was overwritten or deleted: only the clock makes the records dead.
void ExpiredRecordsCountAsDead(void**) {
  MergeWorld w(defaults());
  MergePlanner planner(*w.env);
  for (uint64_t i = 0; i < 100; ++i) w.put(named("a", i), "v", i < 70 ? 1'100'000 : 90'000'000);
  const auto input = w.rotate();
  assert_true(planner.due(*w.catalog->version()).empty());
  learn_expiries(*w.env, *w.catalog->version());
  assert_true(input->expiry.complete());
  assert_true(planner.due(*w.catalog->version()).empty());
  assert_true(planner.everything(*w.catalog->version()).empty());
  w.clock.ms = 1'150'000;
  assert_true(all(planner.due(*w.catalog->version())) == SegmentList{input});
  assert_true(all(planner.everything(*w.catalog->version())) == SegmentList{input});
  assert_true(note_has(w, *input, "starts a merge: dead 70 %"));
  assert_true(w.merge({input}).ok());
  assert_int_equal(w.keydir->size(), 30);
  w.check();
  assert_true(planner.everything(*w.catalog->version()).empty());  // it comes to rest
}

void FilesWithoutALiveRecordGoFirst(void**) {
  MergeWorld w(defaults());
  MergePlanner planner(*w.env);
  const auto half = file(w, "a", 100);
  const auto dead = file(w, "b", 100);
  kill(w, "a", 80);
  kill(w, "b", 100);
  for (const auto& rounds :
       {planner.due(*w.catalog->version()), planner.everything(*w.catalog->version())}) {
    assert_int_equal(rounds.size(), 2);
    assert_true(rounds[0] == SegmentList{dead});
    assert_true(rounds[1] == SegmentList{half});
  }
}

void UnderPressureTheDeadestGoFirst(void**) {
  MergeWorld w(defaults());
  MergePlanner planner(*w.env);
  const auto half = file(w, "a", 100, 8000);
  const auto clean = file(w, "b", 100, 8000);
  const auto most = file(w, "c", 100, 8000);
  const auto more = file(w, "d", 100, 8000);
  kill(w, "a", 50);
  assert_true(planner.deadest(*w.catalog->version()).empty());  // nothing starts a merge
  kill(w, "c", 90);
  kill(w, "d", 70);
  // A MiB may be copied: a tenth, three tenths and a half of 800 kB, and nothing of the clean one.
  assert_true(planner.deadest(*w.catalog->version()) == (SegmentList{most, more, half}));
  const auto again = file(w, "e", 100, 8000);
  kill(w, "e", 45);
  assert_true(planner.deadest(*w.catalog->version()) == (SegmentList{most, more, half}));
}

void SmallFilesJoinAndManyStart(void**) {
  Options o = defaults();
  o.merge_threshold_small_file = 10 << 20;  // but never more than half a file
  MergeWorld w(o);
  MergePlanner planner(*w.env);
  const auto large = file(w, "large", 300, 2000);
  SegmentList small;
  for (uint64_t i = 0; i + 1 < kSmallFilesStart; ++i) small.push_back(file(w, named("s", i), 3));
  assert_true(planner.due(*w.catalog->version()).empty());
  assert_true(note_has(w, *small[0], "small"));
  small.push_back(file(w, "last", 3));
  assert_true(all(planner.due(*w.catalog->version())) == small);
  assert_true(w.merger->run_if_due().ok());
  assert_int_equal(w.files().size(), 3);  // large, output, active
  assert_int_equal(live(*w.files()[1]), 3 * kSmallFilesStart);
  assert_true(planner.due(*w.catalog->version()).empty());
  assert_true(planner.everything(*w.catalog->version()).empty());  // nothing is dead
  w.check();
}

void OneCleanFileAloneIsNotRewritten(void**) {
  Options o = defaults();
  o.merge_threshold_small_file = 10 << 20;
  MergeWorld w(o);
  MergePlanner planner(*w.env);
  const auto clean = file(w, "a", 10);
  const auto dead = file(w, "b", 10);
  kill(w, "b", 10);
  assert_true(all(planner.due(*w.catalog->version())) == SegmentList{dead});
}

void EverythingTakesWhateverHasAnythingDead(void**) {
  MergeWorld w(defaults());
  MergePlanner planner(*w.env);
  const auto clean = file(w, "a", 100);
  const auto one = file(w, "b", 100);
  assert_true(planner.everything(*w.catalog->version()).empty());
  kill(w, "b", 1);
  assert_true(all(planner.everything(*w.catalog->version())) == SegmentList{one});
  w.erase("nobody's");
  const auto tombstone = w.rotate();
  assert_true(all(planner.everything(*w.catalog->version())) == (SegmentList{one, tombstone}));
  assert_true(w.merger->run_all(false).ok());
  assert_true(planner.everything(*w.catalog->version()).empty());
  assert_int_equal(w.merger->statistics().merges, 1);
  assert_true(w.merger->run_all(false).ok());
  assert_int_equal(w.merger->statistics().merges, 1);  // a no-op is no merge
}

// Tombstones that must be kept would trigger the same merge for ever.
void KeptTombstonesCountOnlyWhenTheirHoldersChange(void**) {
  MergeWorld w(defaults());
  for (uint64_t i = 0; i < 200; ++i) w.put(named("k", i), "v");
  const auto holder = w.rotate();
  for (uint64_t i = 0; i < 50; ++i) w.erase(named("k", i));  // 25 % of the holder: stays
  w.rotate();
  assert_true(w.merger->run_if_due().ok());
  assert_int_equal(w.merger->statistics().merges, 1);
  const auto output = w.files()[1];
  assert_int_equal(tombstones(*output), 50);
  assert_int_equal(live(*output), 0);
  assert_true(note_has(w, *output, "50 tombstones needed by other files"));
  for (int i = 0; i < 3; ++i) assert_true(w.merger->run_if_due().ok());
  assert_int_equal(w.merger->statistics().merges, 1);
  // The holder crosses its own trigger, goes, and so do the tombstones.
  for (uint64_t i = 50; i < 150; ++i) w.put(named("k", i), "new");
  for (int i = 0; i < 3; ++i) assert_true(w.merger->run_if_due().ok());
  w.check();
  w.check_counts();
  uint64_t left = 0;
  for (const auto& s : w.files()) left += s->sealed() ? tombstones(*s) : 0;
  assert_int_equal(left, 0);
}

void MergingComesToRest(void**) {
  for (uint64_t round = 0; round < 20; ++round) {
    std::mt19937_64 random(seed() + round);
    Options o;
    o.max_file_size = 4096;  // far below the small-file threshold
    o.max_file_entries = 20;
    MergeWorld w(o);
    for (int i = 0; i < 600; ++i) {
      const std::string key = named("k", below(random, 50));
      if (below(random, 3) == 0) {
        w.erase(key);
      } else {
        w.put(key, std::string(below(random, 300), 'v'), below(random, 4) == 0 ? 2'000'000 : 0);
      }
      if (below(random, 15) == 0) w.rotate();
      if (i == 300) w.clock.ms = 2'000'000;
    }
    w.rotate();
    uint64_t merges = 0;
    for (int i = 0; i < 50; ++i) {
      merges = w.merger->statistics().merges;
      assert_true(w.merger->run_if_due().ok());
      if (w.merger->statistics().merges == merges) break;
    }
    assert_int_equal(w.merger->statistics().merges, merges);
    w.check();
    w.check_counts();
    assert_true(w.merger->run_all(false).ok());
    w.check();
    merges = w.merger->statistics().merges;
    assert_true(w.merger->run_all(false).ok());
    assert_int_equal(w.merger->statistics().merges, merges);
  }
}

void PolicyAndWindowHoldBackgroundMergesOnly(void**) {
  struct Case {
    MergePolicy policy;
    uint64_t start, end;
    int hour;
    bool allowed;
  };
  const Case cases[] = {
      {MergePolicy::always, 3, 4, 12, true},   {MergePolicy::never, 0, 23, 12, false},
      {MergePolicy::window, 0, 23, 23, true},  {MergePolicy::window, 2, 5, 1, false},
      {MergePolicy::window, 2, 5, 2, true},    {MergePolicy::window, 2, 5, 5, true},
      {MergePolicy::window, 2, 5, 6, false},   {MergePolicy::window, 22, 4, 22, true},
      {MergePolicy::window, 22, 4, 23, true},  {MergePolicy::window, 22, 4, 0, true},
      {MergePolicy::window, 22, 4, 4, true},   {MergePolicy::window, 22, 4, 5, false},
      {MergePolicy::window, 22, 4, 21, false},
  };
  for (const Case& c : cases) {
    Options o = defaults();
    o.merge_policy = c.policy;
    o.merge_window_start = c.start;
    o.merge_window_end = c.end;
    MergeWorld w(o);
    w.clock.hour = c.hour;
    const auto dead = file(w, "a", 100);
    kill(w, "a", 90);
    assert_int_equal(MergePlanner(*w.env).allowed_now(), c.allowed);
    const bool says_so = note_has(w, *dead, "merge.policy") || note_has(w, *dead, "window");
    assert_int_equal(says_so, !c.allowed);
    assert_true(w.merger->run_if_due().ok());
    assert_int_equal(w.merger->statistics().merges, c.allowed ? 1 : 0);
    assert_true(w.merger->run_all(false).ok());
    assert_int_equal(w.merger->statistics().merges, 1);
  }
}

void FailuresAreNotRepeatedAtOnce(void**) {
  MergeWorld w(defaults());
  file(w, "a", 100);
  kill(w, "a", 90);
  w.fs.inject({.op = Op::create, .error = 28, .for_ever = true});
  assert_true(w.merger->run_if_due().is(Code::no_space));
  for (int i = 0; i < 5; ++i) {
    w.clock.ms += 1000;
    assert_true(w.merger->run_if_due().ok());
  }
  assert_int_equal(w.merger->statistics().failed, 1);
  w.clock.ms += 6000;
  assert_false(w.merger->run_if_due().ok());
  w.clock.ms += 11'000;
  assert_true(w.merger->run_if_due().ok());  // waits twice as long now
  w.fs.clear_faults();
  w.clock.ms += 11'000;
  assert_true(w.merger->run_if_due().ok());
  assert_int_equal(w.merger->statistics().failed, 2);
  assert_int_equal(w.merger->statistics().merges, 1);
  assert_string_equal(w.merger->statistics().last_error.c_str(), "");
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(ATriggerStartsAndThresholdsJoin),
      cmocka_unit_test(DeadBytesTriggerToo),
      cmocka_unit_test(ExpiredRecordsCountAsDead),
      cmocka_unit_test(FilesWithoutALiveRecordGoFirst),
      cmocka_unit_test(UnderPressureTheDeadestGoFirst),
      cmocka_unit_test(SmallFilesJoinAndManyStart),
      cmocka_unit_test(OneCleanFileAloneIsNotRewritten),
      cmocka_unit_test(EverythingTakesWhateverHasAnythingDead),
      cmocka_unit_test(KeptTombstonesCountOnlyWhenTheirHoldersChange),
      cmocka_unit_test(MergingComesToRest),
      cmocka_unit_test(PolicyAndWindowHoldBackgroundMergesOnly),
      cmocka_unit_test(FailuresAreNotRepeatedAtOnce),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
