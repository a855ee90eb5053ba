// Repair, case by case: what it keeps, what it says, and what it leaves alone.
#include "engine/repair.h"

#include <algorithm>
#include <cstring>

#include "engine/repair_order.h"
#include "engine/repair_salt.h"
#include "unit/engine/repair_world.h"

namespace stave::test {
namespace {

bool says(const RepairReport& report, const char* what) {
  return std::any_of(report.lines.begin(), report.lines.end(),
                     [&](const std::string& line) { return line.find(what) != std::string::npos; });
}

std::string value_of(Store& store, const char* key) {
  std::string value;
  return store.get(key, &value).ok() ? value : "";
}

// Two small files: a and b in the first, a's tombstone and c in the second.
void fill_two(RepairWorld& w) {
  auto store = w.open(w.fs);
  assert_true(store->put("a", "one").ok());
  assert_true(store->put("b", "two").ok());
  assert_true(store->close().ok());
  w.options.max_file_size = 4096;
  store = w.open(w.fs);
  assert_true(store->put("filler", std::string(4000, 'f')).ok());
  assert_true(store->remove("a").ok());
  assert_true(store->put("c", "three").ok());
  assert_true(store->put("last", std::string(4000, 'l')).ok());
  assert_true(store->close().ok());
  w.note();
}

const Place& place_of(const RepairWorld& w, const char* key, bool put) {
  const auto found = std::find_if(w.places.begin(), w.places.end(),
                                  [&](const Place& p) { return p.key == key && p.put == put; });
  assert_true(found != w.places.end());
  return *found;
}

void AWholeStoreIsLeftAlone(void**) {
  RepairWorld w(1);
  w.fill(200);
  w.check_repair(w.fs);
  assert_false(w.report.changed);
  assert_true(w.report.quarantine.empty());
  RepairReport none;
  FaultFs empty;
  assert_true(empty.make_dir("/s").ok());
  assert_true(repair_store(empty, system_clock(), "/s", w.options, &none).is(Code::no_store));
  assert_true(repair_store(empty, system_clock(), "/t", w.options, &none).is(Code::no_store));
  assert_false(*empty.exists("/s/LOCK"));
}

void AnOpenStoreIsBusy(void**) {
  RepairWorld w(1);
  w.fill(10);
  const auto store = w.open(w.fs);
  RepairReport report;
  assert_true(repair_store(w.fs, system_clock(), "/s", w.options, &report).is(Code::busy));
}

void ALostManifestIsMadeAgain(void**) {
  RepairWorld w(2);
  w.fill(300);
  assert_true(w.fs.unlink("/s/MANIFEST").ok());
  auto refused = Store::open(w.fs, system_clock(), "/s", w.options);
  assert_true(refused.status().is(Code::corrupt));
  assert_non_null(strstr(refused.status().message().c_str(), "stave repair"));
  w.check_repair(w.fs);
  assert_true(w.report.changed);
  assert_true(w.report.manifest_rebuilt);
  assert_int_equal(w.report.lost_regions, 0);
  assert_int_equal(w.report.files_rewritten, 0);
  assert_true(says(w.report, "MANIFEST is missing"));
}

void ADamagedTombstoneIsTakenFromTheHint(void**) {
  RepairWorld w(3);
  fill_two(w);
  const Place& p = place_of(w, "a", false);
  assert_true(w.fs.flip_bit("/s/" + p.file, p.offset + 2, 3));
  w.check_repair(w.fs);
  assert_int_equal(w.report.tombstones_restored, 1);
  assert_int_equal(w.report.lost_regions, 1);
  assert_int_equal(w.report.lost_bytes, p.size);
  assert_int_equal(w.report.lost_operations, 1);
  auto store = w.open(w.fs);
  assert_string_equal(value_of(*store, "a").c_str(), "");
  assert_string_equal(value_of(*store, "c").c_str(), "three");
  assert_true(store->close().ok());
}

void WhatNobodyKnowsIsSaid(void**) {
  RepairWorld w(3);
  fill_two(w);
  const Place& p = place_of(w, "a", false);
  assert_true(w.fs.flip_bit("/s/" + p.file, p.offset + 2, 3));
  assert_true(w.fs.unlink("/s/" + p.file.substr(0, 10) + ".hint").ok());
  w.check_repair(w.fs);
  assert_int_equal(w.report.tombstones_restored, 0);
  auto store = w.open(w.fs);
  assert_string_equal(value_of(*store, "a").c_str(), "one");  // what had been deleted
  assert_true(store->close().ok());
  const std::string number = ": operation " + std::to_string(p.seq);
  assert_true(says(w.report, number.c_str()));
  assert_true(says(w.report, "one that had been deleted is back"));
}

void AMissingFilesTombstonesAreTakenFromItsHint(void**) {
  RepairWorld w(4);
  fill_two(w);
  const Place& p = place_of(w, "a", false);
  assert_true(w.fs.unlink("/s/" + p.file).ok());
  assert_true(w.fs.sync_dir("/s").ok());
  w.check_repair(w.fs);
  assert_int_equal(w.report.files_missing, 1);
  assert_int_equal(w.report.tombstones_restored, 1);
  assert_true(says(w.report, "lost: operation"));
  auto store = w.open(w.fs);
  assert_string_equal(value_of(*store, "a").c_str(), "");
  assert_string_equal(value_of(*store, "b").c_str(), "two");
  assert_true(store->close().ok());
}

void ADamagedHeaderCostsNothing(void**) {
  for (const bool hints : {true, false}) {
    for (const uint64_t at : {0, 8, 12, 16, 40, 48, 60}) {
      RepairWorld w(5);
      w.fill(120);
      const std::string name = w.data_file(0);
      assert_true(w.fs.flip_bit("/s/" + name, at, 1));
      if (!hints) (void)w.fs.unlink("/s/" + name.substr(0, 10) + ".hint");
      if (at == 16) assert_true(w.fs.unlink("/s/MANIFEST").ok());
      w.check_repair(w.fs);
      assert_int_equal(w.report.lost_regions, 0);
      assert_int_equal(w.report.files_rewritten, 1);
      assert_int_equal(w.report.files_left_out, 0);
    }
  }
}

void ASaltIsFoundInTwoRecords(void**) {
  RepairWorld w(6);
  w.fill(60);
  const std::string name = "/s/" + w.data_file(0);
  auto file = w.fs.open(name, Access::read);
  assert_true(file.ok());
  std::optional<uint32_t> salt;
  assert_true(derive_salt(**file, *(*file)->size(), &salt).ok());
  uint32_t real = 0;
  std::memcpy(&real, w.before[w.data_file(0)].data() + 48, 4);
  assert_true(salt.has_value());
  assert_int_equal(*salt, real);
}

// What recovery cuts off is no damage; what it refuses to cut is kept as far as it can be read.
void OperationsThatWereDurableAreMissed(void**) {
  RepairWorld w(7);
  w.options.max_file_size = 1 << 20;
  auto store = w.open(w.fs);
  for (const char* key : {"a", "b", "c"}) assert_true(store->put(key, "value").ok());
  assert_true(store->sync().ok());
  for (const char* key : {"d", "e", "f"}) assert_true(store->put(key, "value").ok());
  const auto killed = w.fs.after_kill9();
  const Image image = image_of(*killed, "/s");
  const uint64_t size = 32;  // of each record
  std::string name;
  for (const auto& [n, bytes] : image) {
    if (n.ends_with(".log") && bytes[64 + 4] != 0) name = n;
  }
  assert_true(killed->flip_bit("/s/" + name, 64 + size + 25, 0));  // b, which was durable
  assert_true(Store::open(*killed, system_clock(), "/s", w.options).status().is(Code::corrupt));
  w.damaged = image_of(*killed, "/s");
  w.check_repair(*killed);
  assert_int_equal(w.report.lost_regions, 1);
  assert_int_equal(w.report.lost_operations, 1);
  auto repaired = w.open(*killed);
  for (const char* key : {"a", "c", "d", "e", "f"}) {
    assert_string_equal(value_of(*repaired, key).c_str(), "value");
  }
  assert_string_equal(value_of(*repaired, "b").c_str(), "");
  assert_true(repaired->close().ok());
  (void)store->close();
}

void ReadOnlyChangesNothingAndTellsAll(void**) {
  RepairWorld w(8);
  w.fill(300);
  w.damage(3);
  w.damage_manifest();
  const Image before = image_of(w.fs, "/s");
  Options look = w.options;
  look.read_only = true;
  RepairReport report;
  assert_true(repair_store(w.fs, system_clock(), "/s", look, &report).ok());
  assert_true(report.changed);
  assert_true(image_of(w.fs, "/s") == before);
  w.check_repair(w.fs);
  assert_int_equal(report.lost_regions, w.report.lost_regions);
  assert_int_equal(report.files, w.report.files);
  assert_int_equal(report.records, w.report.records);
}

// Writes a merged file of these puts by hand.
Status make_file(const std::shared_ptr<Env>& env, const FileHeader& header,
                 const std::vector<std::pair<const char*, uint64_t>>& puts) {
  RepairOutput out(env, header);
  STAVE_RETURN_IF_ERROR(out.create());
  std::vector<std::string> values;
  for (const auto& [key, seq] : puts) {
    const std::string value = key + std::to_string(seq);
    STAVE_RETURN_IF_ERROR(out.add(Record{Kind::put, 0, seq, 0, key, value}));
  }
  ManifestFile listed;
  return out.finish(&listed);
}

void FilesThatNoOrderFitsAreMergedByKey(void**) {
  FaultFs fs;
  assert_true(fs.make_dir("/s").ok());
  RepairWorld w(9);
  const auto env = std::make_shared<Env>(fs, system_clock(), "/s", w.options);
  FileHeader header{Origin::merge, {1, 2, 3}, 4, 5, 6};
  assert_true(make_file(env, header, {{"a", 1}, {"b", 10}}).ok());
  header.file_id = 7;
  assert_true(make_file(env, header, {{"a", 9}, {"b", 2}, {"c", 3}}).ok());
  assert_true(fs.sync_dir("/s").ok());
  RepairReport report;
  assert_true(repair_store(fs, system_clock(), "/s", w.options, &report).ok());
  assert_true(report.reordered);
  const Image kept = image_of(fs, report.quarantine);
  assert_true(kept.contains("0000000005.log") && kept.contains("0000000007.log"));
  auto store = w.open(fs);
  assert_string_equal(value_of(*store, "a").c_str(), "a9");
  assert_string_equal(value_of(*store, "b").c_str(), "b10");
  assert_string_equal(value_of(*store, "c").c_str(), "c3");
  VerifyReport verified;
  assert_true(store->verify(&verified).ok());
  assert_true(store->close().ok());
}

void RangeTombstonesAreKept(void**) {
  FaultFs fs;
  assert_true(fs.make_dir("/s").ok());
  RepairWorld w(10);
  const auto env = std::make_shared<Env>(fs, system_clock(), "/s", w.options);
  FileHeader header{Origin::log, {1, 2, 3}, 4, 1, 6};
  RepairOutput out(env, header);
  assert_true(out.create().ok());
  assert_true(out.add(Record{Kind::put, 0, 1, 0, "b", "old"}).ok());
  assert_true(out.add(Record{Kind::put, 0, 2, 0, "x", "stays"}).ok());
  assert_true(out.add(Record{Kind::range_tombstone, 0, 3, 0, "a", "c"}).ok());
  assert_true(out.add(Record{Kind::put, 0, 4, 0, "bb", "new"}).ok());
  ManifestFile listed;
  assert_true(out.finish(&listed).ok());
  assert_true(fs.sync_dir("/s").ok());
  // Of x nothing is left: the file is written anew.
  assert_true(fs.flip_bit("/s/0000000001.log", 64 + 24 + 22, 0));
  RepairReport report;
  assert_true(repair_store(fs, system_clock(), "/s", w.options, &report).ok());
  assert_int_equal(report.files_rewritten, 1);
  auto store = w.open(fs);
  assert_string_equal(value_of(*store, "b").c_str(), "");
  assert_string_equal(value_of(*store, "bb").c_str(), "new");
  assert_true(store->close().ok());
}

void UnreadableBlocksAreDamage(void**) {
  RepairWorld w(11);
  w.fill(300);
  const std::string name = w.data_file(1);
  w.fs.inject({.op = Op::read, .nth = 1, .for_ever = true, .path_part = name});
  RepairReport report;
  assert_true(repair_store(w.fs, system_clock(), "/s", w.options, &report).ok());
  w.fs.clear_faults();
  assert_true(report.changed);
  assert_int_equal(report.files_left_out + report.files_rewritten, 1);
  auto store = w.open(w.fs);
  VerifyReport verified;
  assert_true(store->verify(&verified).ok());
  assert_true(store->close().ok());
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(AWholeStoreIsLeftAlone),
      cmocka_unit_test(AnOpenStoreIsBusy),
      cmocka_unit_test(ALostManifestIsMadeAgain),
      cmocka_unit_test(ADamagedTombstoneIsTakenFromTheHint),
      cmocka_unit_test(WhatNobodyKnowsIsSaid),
      cmocka_unit_test(AMissingFilesTombstonesAreTakenFromItsHint),
      cmocka_unit_test(ADamagedHeaderCostsNothing),
      cmocka_unit_test(ASaltIsFoundInTwoRecords),
      cmocka_unit_test(OperationsThatWereDurableAreMissed),
      cmocka_unit_test(ReadOnlyChangesNothingAndTellsAll),
      cmocka_unit_test(FilesThatNoOrderFitsAreMergedByKey),
      cmocka_unit_test(RangeTombstonesAreKept),
      cmocka_unit_test(UnreadableBlocksAreDamage),
  };
  return cmocka_run_group_tests_name("engine/repair", tests, nullptr, nullptr);
}
