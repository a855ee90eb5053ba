// Rule M7: which tombstones, and expired records, a merge may drop.
#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

uint64_t merged_tombstones(MergeWorld& w) {
  uint64_t n = 0;
  for (const auto& s : w.files()) {
    if (s->header().origin == Origin::merge) n += tombstones(*s);
  }
  return n;
}

// Merges `input` alone and says how many tombstones its output kept.
uint64_t kept_by(MergeWorld& w, const std::shared_ptr<Segment>& input) {
  assert_true(w.merge({input}).ok());
  w.check();
  w.check_counts();
  return merged_tombstones(w);
}

void KeptWhileAnOlderPutStays(void**) {
  MergeWorld w;
  w.put("k", "old");
  w.rotate();
  w.erase("k");
  w.put("z", "lives");
  const auto input = w.rotate();
  assert_int_equal(kept_by(w, input), 1);
  // The file with the old put leaves; then nothing needs the tombstone.
  assert_true(w.merge().ok());
  w.check();
  assert_int_equal(merged_tombstones(w), 0);
}

void DroppedWithTheOnlyOlderPutInTheSameMerge(void**) {
  MergeWorld w;
  w.put("k", "old");
  w.rotate();
  w.erase("k");
  w.rotate();
  w.put("other", "1");
  w.rotate();
  assert_true(w.merge({w.files()[0], w.files()[1]}).ok());
  w.check();
  assert_int_equal(merged_tombstones(w), 0);
}

void DroppedOutsideOfTheKeyRangeOfAllThatStays(void**) {
  MergeWorld w;
  w.put("a", "1");
  w.put("b", "1");
  w.rotate();
  w.put("k", "1");
  w.erase("k");
  const auto input = w.rotate();
  assert_int_equal(kept_by(w, input), 0);
}

bool keeps_range(MergeWorld& w, const std::shared_ptr<Segment>& stays, const char* from,
                 const char* to, uint64_t seq) {
  return TombstoneRule(*w.env, {stays}).must_keep(HintRangeTombstone{from, to, seq, 64});
}

void ARangeIsKeptByAnOlderPutInIt(void**) {
  MergeWorld w;
  for (const char* key : {"a", "c", "e"}) w.put(key, "1");  // numbers 1 to 3
  const auto stays = w.rotate();
  assert_true(keeps_range(w, stays, "b", "d", 9));
  assert_true(keeps_range(w, stays, "c", "d", 9));
  assert_true(keeps_range(w, stays, "", "", 9));
  assert_false(keeps_range(w, stays, "b", "c", 9));
  assert_false(keeps_range(w, stays, "f", "", 9));
  assert_false(keeps_range(w, stays, "", "a", 9));
  assert_true(keeps_range(w, stays, "c", "d", 3));
  assert_false(keeps_range(w, stays, "c", "d", 2));  // it deletes nothing newer than itself
  assert_true(w.fs.unlink(stays->hint_path()).ok());
  assert_true(keeps_range(w, stays, "f", "", 9));  // unclear
}

void ATombstoneKeepsNoRangeAndAnUnsealedFileAny(void**) {
  MergeWorld w;
  w.put("c", "1");
  w.erase("c");
  const auto stays = w.rotate();
  assert_false(keeps_range(w, stays, "a", "", 9));
  w.put("x", "1");
  assert_true(keeps_range(w, w.files().back(), "a", "b", 9));
  assert_false(keeps_range(w, w.files().back(), "a", "", 2));
}

// A close need not wait for the end of a long walk.
void AWalkForARangeEndsWhenTheMergeIsToStop(void**) {
  MergeWorld w;
  constexpr uint64_t kMany = 10'000;  // none of them a put: each is walked over
  for (uint64_t i = 0; i < kMany; ++i) w.put(named("k", i), "1");
  for (uint64_t i = 0; i < kMany; ++i) w.erase(named("k", i));
  const auto stays = w.rotate();
  const HintRangeTombstone all{"", "", 2 * kMany + 1, 64};
  unsigned asked = 0;
  const auto go_on = [&] { return ++asked == 0; };
  assert_false(TombstoneRule(*w.env, {stays}).must_keep(all, go_on));
  assert_in_range(asked, 2, 10);
  asked = 0;
  const auto stop = [&] { return ++asked > 0; };
  assert_true(TombstoneRule(*w.env, {stays}).must_keep(all, stop));
  assert_int_equal(asked, 1);
}

uint64_t filter_says_maybe(MergeWorld& w, const Segment& s, const std::vector<std::string>& keys) {
  const std::string bytes = read_file(w.fs, s.hint_path(), 1 << 24).take();
  HintFooter footer;
  assert_true(decode_hint_footer(Bytes(bytes).substr(bytes.size() - kHintFooterSize), bytes.size(),
                                 "hint", &footer)
                  .ok());
  const HintFilter filter(Bytes(bytes).substr(footer.filter_offset, footer.filter_length),
                          s.salt());
  uint64_t n = 0;
  for (const std::string& key : keys) n += filter.may_contain(key) ? 1 : 0;
  return n;
}

void DroppedWhenTheFilterSaysMaybeAndTheHintNo(void**) {
  MergeWorld w;
  for (uint64_t i = 0; i < 3000; i += 3) w.put(named("k", i), "1");
  const auto stays = w.rotate();
  std::vector<std::string> absent;
  for (uint64_t i = 1; i < 3000; i += 3) absent.push_back(named("k", i));
  for (const std::string& key : absent) {
    w.put(key, "1");
    w.erase(key);
  }
  const auto input = w.rotate();
  assert_true(filter_says_maybe(w, *stays, absent) > 0);
  assert_int_equal(kept_by(w, input), 0);
}

void KeptWhenAStayingHintCannotBeRead(void**) {
  MergeWorld w;
  w.put("a", "1");
  w.put("z", "1");
  const auto stays = w.rotate();
  w.put("k", "1");
  w.erase("k");
  const auto input = w.rotate();
  assert_true(w.fs.unlink(stays->hint_path()).ok());
  assert_int_equal(kept_by(w, input), 1);
  // Readable again, it says no.
  assert_true(rebuild_hint(*w.env, *stays).ok());
  assert_int_equal(kept_by(w, w.files()[1]), 0);
}

void KeptWhenAStayingHintIsDamagedWhereItMatters(void**) {
  MergeWorld w;
  for (uint64_t i = 0; i < 5000; i += 2) w.put(named("k", i), "1");
  const auto stays = w.rotate();
  w.erase(named("k", 40));
  const auto input = w.rotate();
  assert_true(w.fs.flip_bit(stays->hint_path(), 600, 3));  // in the first block
  assert_int_equal(kept_by(w, input), 1);
}

void DroppedWhenAllThatStaysIsYounger(void**) {
  MergeWorld w;
  w.put("k", "1");
  w.erase("k");
  const auto input = w.rotate();
  w.put("k", "2");
  w.erase("k");  // a put of the key stays, but a newer one
  w.put("m", "3");
  w.rotate();
  assert_int_equal(kept_by(w, input), 0);
}

// A merged file may hold older operations and a newer put of the key: the put's own tombstone,
// newer still, is somewhere else.
void DroppedWhenTheStayingPutIsNewer(void**) {
  MergeWorld w;
  w.put("a", "1");
  const auto first = w.rotate();
  w.put("k", "2");
  w.erase("k");
  const auto input = w.rotate();
  w.put("k", "4");
  const auto third = w.rotate();
  assert_true(w.merge({first, third}).ok());
  w.erase("k");
  assert_int_equal(kept_by(w, input), 0);
}

void DroppedWhenATombstoneIsAllThatStays(void**) {
  MergeWorld w;
  w.put("a", "1");
  w.erase("k");
  w.rotate();
  w.put("k", "3");
  w.erase("k");
  const auto input = w.rotate();
  assert_int_equal(kept_by(w, input), 0);
}

// An unsealed file that is older than the tombstone has no hint to say no.
void KeptWhileAnOlderFileIsNotSealed(void**) {
  MergeWorld w;
  w.put("a", "1");
  const auto older = w.rotate();
  w.put("k", "1");
  w.erase("k");
  const auto input = w.rotate();
  // The file as it is while it waits to be sealed.
  auto unsealed = std::make_shared<Segment>(w.env, older->header(), older->extent());
  unsealed->counts.first_seq = 1;
  unsealed->counts.last_seq = 1;
  TombstoneRule rule(*w.env, {unsealed});
  assert_true(rule.must_keep("k", 3));
  assert_int_equal(rule.holders().size(), 1);
  assert_int_equal(rule.holders()[0].file_id, older->id());
  TombstoneRule sealed_rule(*w.env, {older});
  assert_false(sealed_rule.must_keep("k", 3));
  assert_true(sealed_rule.holders().empty());
}

void ASupersededTombstoneIsDropped(void**) {
  MergeWorld w;
  w.put("k", "old");
  w.rotate();
  w.erase("k");
  const auto input = w.rotate();
  w.put("k", "new");
  assert_int_equal(kept_by(w, input), 0);
}

void ExpiredIsDroppedWithItsSlotWhenNothingOlderStays(void**) {
  MergeWorld w;
  w.put("k", "1", 2'000'000);
  w.put("l", "1");
  const auto input = w.rotate();
  w.clock.ms = 2'000'000;  // expires_at_ms itself is too late
  assert_int_equal(kept_by(w, input), 0);
  assert_int_equal(w.keydir->size(), 1);
}

void ExpiredBecomesATombstoneWhenAnOlderPutStays(void**) {
  MergeWorld w;
  w.put("k", "old and for ever");
  w.rotate();
  w.put("k", "1", 2'000'000);
  const auto input = w.rotate();
  w.clock.ms = 3'000'000;
  assert_int_equal(kept_by(w, input), 1);
  assert_int_equal(w.keydir->size(), 0);
  w.clock.ms = 1'000'000;  // even if the clock goes back
  assert_int_equal(w.load(w.fs).count("k"), 0);
}

void APutOnAnExpiredKeyDuringTheMergeWins(void**) {
  MergeWorld w;
  w.put("k", "old");
  w.rotate();
  w.put("k", "1", 2'000'000);
  const auto input = w.rotate();
  w.clock.ms = 3'000'000;
  w.before_durable = [&] { w.put("k", "new"); };
  assert_int_equal(kept_by(w, input), 1);
  assert_string_equal(w.read_all().at("k").c_str(), "new");
}

// An aborted merge must not have erased the slots of expired records: without a slot the record
// would look superseded to the next merge, which would drop it and bring the older put back.
void AbortedMergeLeavesExpiredSlots(void**) {
  MergeWorld w;
  w.put("k", "old");
  w.rotate();
  w.put("k", "1", 2'000'000);
  const auto input = w.rotate();
  w.clock.ms = 3'000'000;
  w.fs.inject({.op = Op::rename, .path_part = "MANIFEST"});
  assert_false(w.merge({input}).ok());
  assert_int_equal(w.keydir->size(), 1);
  w.check_counts();
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(KeptWhileAnOlderPutStays),
      cmocka_unit_test(DroppedWithTheOnlyOlderPutInTheSameMerge),
      cmocka_unit_test(DroppedOutsideOfTheKeyRangeOfAllThatStays),
      cmocka_unit_test(ARangeIsKeptByAnOlderPutInIt),
      cmocka_unit_test(ATombstoneKeepsNoRangeAndAnUnsealedFileAny),
      cmocka_unit_test(AWalkForARangeEndsWhenTheMergeIsToStop),
      cmocka_unit_test(DroppedWhenTheFilterSaysMaybeAndTheHintNo),
      cmocka_unit_test(KeptWhenAStayingHintCannotBeRead),
      cmocka_unit_test(KeptWhenAStayingHintIsDamagedWhereItMatters),
      cmocka_unit_test(DroppedWhenAllThatStaysIsYounger),
      cmocka_unit_test(DroppedWhenTheStayingPutIsNewer),
      cmocka_unit_test(DroppedWhenATombstoneIsAllThatStays),
      cmocka_unit_test(KeptWhileAnOlderFileIsNotSealed),
      cmocka_unit_test(ASupersededTombstoneIsDropped),
      cmocka_unit_test(ExpiredIsDroppedWithItsSlotWhenNothingOlderStays),
      cmocka_unit_test(ExpiredBecomesATombstoneWhenAnOlderPutStays),
      cmocka_unit_test(APutOnAnExpiredKeyDuringTheMergeWins),
      cmocka_unit_test(AbortedMergeLeavesExpiredSlots),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
