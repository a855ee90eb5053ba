// M8: whatever fails, the inputs and MANIFEST stay whole, and it is told.
#include "engine/hint_writer.h"
#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

void fill(MergeWorld& w) {
  for (uint64_t i = 0; i < 60; ++i)
    w.put(named("k", i), std::string(i * 10, 'a'), i % 9 == 4 ? 2'000'000 : 0);
  w.rotate();
  for (uint64_t i = 0; i < 60; i += 3) w.put(named("k", i), "b", i % 2 == 0 ? 2'000'000 : 0);
  for (uint64_t i = 1; i < 60; i += 3) w.erase(named("k", i));
  w.rotate();
  for (uint64_t i = 0; i < 60; i += 5) w.put(named("k", i), "c");
  for (uint64_t i = 2; i < 60; i += 7) w.erase(named("k", i));
  w.rotate();
  w.put(named("k", 7), "active");
  w.clock.ms = 3'000'000;
}

Options tiny_files() {
  Options o;
  o.max_file_size = 4096;
  return o;
}

// The two younger files: the oldest stays, so that hints are asked about tombstones.
SegmentList younger(MergeWorld& w) { return {w.files()[1], w.files()[2]}; }

// Runs a merge with one failing operation; false: the merge was too short to have an nth.
bool merge_failing_at(uint64_t nth, int error, bool for_ever) {
  MergeWorld w(tiny_files());
  fill(w);
  const SegmentList before = w.files();
  const uint64_t keys = w.keydir->size();
  const Extent next_free = w.space->allocate(1).take();
  w.space->release(next_free);
  w.fs.inject({.op = Op::any, .nth = nth, .error = error, .for_ever = for_ever});
  const uint64_t operations = w.fs.count();
  auto job = w.job(younger(w));
  const Status s = job->run();
  const bool reached = w.fs.count() - operations >= nth;
  w.fs.clear_faults();
  w.check();
  if (!s.ok() && !job->stranded()) {
    assert_true(!s.message().empty());
    assert_true(w.files() == before);
    assert_int_equal(w.keydir->size(), keys);
    assert_true(w.space->claim(next_free));  // no output holds addresses
    w.space->release(next_free);
    w.check_counts();
    // The inputs, and (unless they may be listed) nothing else, are there. What a failing unlink
    // left behind is removed by the next writer.
    if (!w.catalog->uncertain() && !for_ever) assert_true(w.leftovers().size() <= 1);
  }
  if (s.ok()) w.check_counts();
  if (job->stranded()) {
    assert_false(s.ok());
    for (const auto& input : {before[1], before[2]}) {
      assert_ptr_equal(w.space->segment_at(input->address_of(kFileHeaderSize)), input.get());
    }
  } else if (!w.catalog->uncertain()) {
    job.reset();
    assert_true(w.merge().ok());  // and the next one goes well
    w.check();
    w.check_counts();
  }
  return reached;
}

void EveryFailingOperationLeavesTheStoreWhole(void**) {
  for (const int error : {5, 28}) {  // EIO, ENOSPC
    for (const bool for_ever : {false, true}) {
      uint64_t nth = 1;
      while (merge_failing_at(nth, error, for_ever)) ++nth;
      assert_true(nth > 30);
    }
  }
}

// The same, and the power fails as well, at the operation that fails and at every later one.
void EveryPowerCutLeavesTheStoreWhole(void**) {
  for (uint64_t nth = 1;; ++nth) {
    MergeWorld w(tiny_files());
    fill(w);
    const size_t least = w.synced;
    w.fs.freeze_at(nth);
    const bool done = w.merge(younger(w)).ok() && !w.fs.frozen();
    for (uint64_t seed = 0; seed < 4; ++seed) {
      const State found = w.load(*w.fs.after_power_cut(seed));
      bool is_prefix = false;
      for (size_t n = least; n <= w.history.size(); ++n) is_prefix |= found == w.expected(n);
      assert_true(is_prefix);
    }
    assert_true(w.load(*w.fs.after_kill9()) == w.expected());
    if (done) break;
  }
}

void ADamagedRecordAbortsAndIsNamed(void**) {
  MergeWorld w;
  w.put("a", "1");
  w.put("b", "value of b");
  const auto first = w.rotate();
  w.put("c", "3");
  w.erase("a");
  w.rotate();
  const SegmentList before = w.files();
  assert_true(w.fs.flip_bit(first->path(), kFileHeaderSize + 24 + 30, 0));
  const Status s = w.merger->run_all(false);
  assert_true(s.is(Code::corrupt));
  assert_non_null(strstr(s.message().c_str(), "0000000001.log at offset 88"));
  assert_true(w.files() == before);
  assert_true(w.leftovers().empty());
  const MergeStatistics statistics = w.merger->statistics();
  assert_int_equal(statistics.failed, 1);
  assert_int_equal(statistics.merges, 0);
  assert_string_equal(statistics.last_error.c_str(), s.message().c_str());
  LogEvent event;
  uint64_t dropped = 0;
  bool logged = false;
  while (w.env->log.next(&event, &dropped)) logged |= event.level == LogLevel::error;
  assert_true(logged);
  w.check_counts();
  // From now on the damaged file is left alone, not in silence, and the others are merged.
  assert_true(w.merger->run_all(false).is(Code::corrupt));
  assert_int_equal(w.merger->statistics().merges, 1);
  assert_ptr_equal(w.files()[0].get(), first.get());
  assert_non_null(strstr(w.merger->note(*first).c_str(), "damaged"));
}

void AMissingHintIsRebuiltAndADamagedOneToo(void**) {
  for (const uint64_t flip_at : {0, 100, 0}) {
    MergeWorld w;
    for (uint64_t i = 0; i < 3000; ++i) w.put(named("k", i), "1");
    const auto first = w.rotate();
    for (uint64_t i = 0; i < 3000; i += 2) w.erase(named("k", i));
    w.rotate();
    if (flip_at != 0) {
      assert_true(w.fs.flip_bit(first->hint_path(), flip_at, 1));
    } else {
      assert_true(w.fs.unlink(first->hint_path()).ok());
    }
    assert_true(w.merge().ok());
    assert_int_equal(live(*w.files()[0]), 1500);
    assert_true(w.leftovers().size() == 0 || w.leftovers().size() == 2);
    w.check();
    w.check_counts();
  }
}

// Its checksums are right, and it names a record of another key.
void AHintThatLiesAborts(void**) {
  MergeWorld w;
  w.put("a", "1");
  const auto input = w.rotate();
  HintWriter writer(*w.env, *input);
  assert_true(writer.create().ok());
  assert_true(writer.add({"b", Kind::put, 1, kFileHeaderSize, 1, 0}).ok());
  HintSummary summary;
  summary.first_seq = summary.last_seq = summary.operations = 1;
  summary.record_bytes = record_size(1, 1, false);
  assert_true(writer.finish(summary, false).ok());
  Slot slot;
  assert_true(w.keydir->find(w.hasher("a"), &slot));
  assert_true(w.keydir->make_room(w.hasher("b")).ok());
  (void)w.keydir->put(w.hasher("b"), slot, &slot);
  auto job = w.job();
  const Status s = job->run();
  assert_true(s.is(Code::corrupt));
  assert_non_null(strstr(s.message().c_str(), "not the one that the hint names"));
  job.reset();
  assert_true(w.leftovers().empty());
}

void ARebuiltHintOfDamagedDataAborts(void**) {
  MergeWorld w;
  w.put("a", "1");
  const auto first = w.rotate();
  w.erase("a");
  w.rotate();
  assert_true(w.fs.unlink(first->hint_path()).ok());
  assert_true(w.fs.flip_bit(first->path(), kFileHeaderSize + 21, 1));
  auto job = w.job();
  assert_true(job->run().is(Code::corrupt));
  assert_int_equal(job->damaged(), first->id());
  assert_false(job->stranded());
}

void AFailedLogSyncAbortsBeforeTheSwitch(void**) {
  MergeWorld w;
  w.put("a", "1");
  w.rotate();
  w.put("a", "2");
  const uint64_t active = w.files().back()->id();
  const SegmentList before = w.files();
  w.fs.inject({.op = Op::sync, .path_part = data_file_name(active)});
  assert_true(w.merge().is(Code::io));
  assert_true(w.files() == before);
}

void AFullDiskIsToldAndLeavesNothingBehind(void**) {
  MergeWorld w;
  for (uint64_t i = 0; i < 100; ++i) w.put(named("k", i), std::string(1000, 'v'));
  w.rotate();
  w.put(named("k", 0), "x");
  w.rotate();
  w.fs.set_free_space(40'000);
  assert_true(w.merger->run_all(false).is(Code::no_space));
  assert_true(w.leftovers().empty());
  w.check();
  w.check_counts();
}

// Dead files go first and by themselves, so they free the space that the rest needs.
void OnAFullDiskDeadFilesGoFirst(void**) {
  MergeWorld w;
  for (uint64_t i = 0; i < 100; ++i) w.put(named("k", i), std::string(1000, 'v'));
  w.rotate();
  for (uint64_t i = 0; i < 100; ++i) w.put(named("k", i), std::string(500, 'w'));
  w.rotate();
  w.put(named("k", 0), "x");
  w.fs.set_free_space(8192);
  assert_true(w.merger->run_all(false).ok());
  assert_int_equal(w.merger->statistics().merges, 2);
  w.fs.set_free_space(1 << 30);
  w.check();
  w.check_counts();
}

void ADamagedKeydirStopsTheMerge(void**) {
  MergeWorld w;
  for (uint64_t i = 0; i < 5000; ++i) w.put(named("k", i), "1");
  w.rotate();
  std::vector<CheckpointShard> shards;
  std::string bytes;
  assert_true(w.keydir
                  ->save(&shards,
                         [&](uint64_t, Bytes row) {
                           bytes.append(row);
                           return Status();
                         })
                  .ok());
  w.keydir->clear();
  char& first = bytes[9 * kUnitBytes];  // of shard 9
  first = static_cast<char>(first ^ 1);
  assert_true(w.keydir
                  ->adopt(shards,
                          [&](void* to, uint64_t length) {
                            std::memcpy(to, bytes.data(), length);
                            return Status();
                          })
                  .ok());
  const SegmentList before = w.files();
  assert_true(w.merge().is(Code::corrupt));
  assert_true(w.keydir->damaged());
  assert_true(w.files() == before);
}

// After a swing that could not be finished nothing may be merged: outputs look dead.
void StrandedSlotsStopMerging(void**) {
  MergeWorld w;
  w.put("a", "1");
  w.put("b", "1");
  const auto input = w.rotate();
  w.erase("a");
  w.rotate();
  // The last hint opened is the output's, for the swing.
  w.before_durable = [&] { w.fs.inject({.op = Op::open, .for_ever = true, .path_part = ".hint"}); };
  assert_true(w.merger->run_all(false).is(Code::io));
  assert_true(w.merger->stranded());
  w.fs.clear_faults();
  w.before_durable = nullptr;
  w.check();
  w.put("c", "1");
  w.erase("b");
  w.check();
  w.rotate();
  assert_true(w.merger->run_all(false).is(Code::poisoned));
  assert_true(w.merger->run_if_due().ok());
  w.check();
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(EveryFailingOperationLeavesTheStoreWhole),
      cmocka_unit_test(EveryPowerCutLeavesTheStoreWhole),
      cmocka_unit_test(ADamagedRecordAbortsAndIsNamed),
      cmocka_unit_test(AMissingHintIsRebuiltAndADamagedOneToo),
      cmocka_unit_test(AHintThatLiesAborts),
      cmocka_unit_test(ARebuiltHintOfDamagedDataAborts),
      cmocka_unit_test(AFailedLogSyncAbortsBeforeTheSwitch),
      cmocka_unit_test(AFullDiskIsToldAndLeavesNothingBehind),
      cmocka_unit_test(OnAFullDiskDeadFilesGoFirst),
      cmocka_unit_test(ADamagedKeydirStopsTheMerge),
      cmocka_unit_test(StrandedSlotsStopMerging),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
