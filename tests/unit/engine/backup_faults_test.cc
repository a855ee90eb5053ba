// Backups whose every call of the file system fails in turn, or is the last one before a power cut:
// the store goes on, the directory holds the backup before or the new one or is refused, and the
// next attempt succeeds.
#include <algorithm>
#include <cerrno>
#include <map>

#include "engine/backup.h"
#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"
#include "unit/engine/seed.h"

namespace stave::test {
namespace {

using Contents = std::map<std::string, std::string>;

constexpr const char* kBackup = "/b";

// Every call in turn; with STAVE_TEST_SCALE every few of them, others in each run.
uint64_t stride() { return 8 / scaled(8, 1); }
uint64_t first_call() { return 1 + seed() % stride(); }

Contents contents_of(Store& store) {
  Contents found;
  auto it = store.iterate("");
  assert_true(it.ok());
  Status s;
  while ((s = (*it)->next()).ok()) {
    Bytes value;
    assert_true((*it)->value(&value).ok());
    found[std::string((*it)->key())] = std::string(value);
  }
  assert_true(s.is(Code::done));
  return found;
}

void expect_verified(Store& store) {
  VerifyReport report;
  const Status s = store.verify(&report);
  if (!s.ok()) fail_msg("%s", s.message().c_str());
}

struct World {
  FaultFs fs;
  Options options;
  std::unique_ptr<Store> store;
  Contents older;  // what the backup held; none: there was no backup
  bool has_older;
  bool may_link;

  World(bool with_older, bool links) : has_older(with_older), may_link(links) {
    options.background = false;
    options.load_threads = 1;
    options.io = links ? Io::positional : Io::mapped;
    options.max_file_size = 4096;
    options.preallocate = 64 << 10;
    options.merge_policy = MergePolicy::never;
    store = open(fs, "/s", options);
    fill("a");
    if (!has_older) return;
    assert_true(backup().ok());
    older = contents_of(*store);
    assert_true(store->delete_range("a05", "a2", SyncWish::sync).ok());
    assert_true(store->merge(false).ok());  // files of the backup before leave the store
    fill("b");
  }
  static std::unique_ptr<Store> open(FaultFs& on, const char* dir, const Options& o) {
    auto opened = Store::open(on, system_clock(), dir, o);
    if (!opened.ok()) fail_msg("%s: %s", dir, opened.status().message().c_str());
    return opened.take();
  }
  void fill(const std::string& prefix) const {
    for (int i = 10; i < 40; ++i) {
      const std::string key = prefix + std::to_string(i);
      assert_true(store->put(key, key + std::string(300, 'v')).ok());
    }
    assert_true(store->remove(prefix + "11").ok());
    assert_true(store->sync().ok());
  }
  Status backup(BackupReport* report = nullptr) const {
    BackupReport ignored;
    return store->backup(kBackup, may_link, report != nullptr ? report : &ignored);
  }
};

// One of the two whole backups, or, where there was none before, nothing.
void expect_old_or_new(const World& w, FaultFs& fs, const Contents& newer, bool must_be_new) {
  Options reading = w.options;
  reading.read_only = true;
  auto opened = Store::open(fs, system_clock(), kBackup, reading);
  if (!opened.ok()) {
    assert_false(w.has_older || must_be_new);
    // no_store: nothing was brought yet; corrupt: there are files, and no MANIFEST.
    const bool refused = opened.status().is(Code::no_store) || opened.status().is(Code::corrupt);
    if (!refused) fail_msg("%s", opened.status().message().c_str());
    return;
  }
  const Contents found = contents_of(**opened);
  if (found != newer) assert_true(!must_be_new && w.has_older && found == w.older);
  expect_verified(**opened);
}

// A repeated backup has everything, and nothing else lies there.
void expect_next_succeeds(const World& w, FaultFs& fs, Store& store) {
  BackupReport report;
  const Status s = store.backup(kBackup, w.may_link, &report);
  if (!s.ok()) fail_msg("the next backup: %s", s.message().c_str());
  uint64_t logs = 0;
  const auto names = fs.list(kBackup).take();
  for (const std::string& name : names) {
    if (name.ends_with(".tmp") || name == "BACKUP") {
      fail_msg("%s is left", name.c_str());
    }
    if (name.ends_with(".log")) ++logs;
  }
  assert_int_equal(logs, report.files);
  auto copy = World::open(fs, kBackup, w.options);  // for writing: its lock is free
  assert_true(contents_of(*copy) == contents_of(store));
  expect_verified(*copy);
  assert_true(copy->close().ok());
}

void expect_unharmed(Store& store, const Contents& before) {
  assert_true(contents_of(store) == before);
  expect_verified(store);
  assert_true(store.put("after", "wards").ok());
  assert_true(store.sync().ok());
  std::string value;
  assert_true(store.get("after", &value).ok());
}

// False: the backup has fewer calls.
bool fail_call(uint64_t nth, int error, bool for_ever, bool with_older, bool links) {
  World w(with_older, links);
  const Contents now = contents_of(*w.store);
  const uint64_t calls = w.fs.count();
  const uint64_t files = w.fs.open_files();
  w.fs.inject({.op = Op::any, .nth = nth, .error = error, .for_ever = for_ever});
  const Status s = w.backup();
  const bool hit = w.fs.count() - calls >= nth;
  w.fs.clear_faults();
  if (!s.ok()) {
    if (!s.is(error == ENOSPC ? Code::no_space : Code::io)) fail_msg("%s", s.message().c_str());
    assert_false(s.message().empty());
  }
  assert_int_equal(w.fs.open_files(), files);
  expect_old_or_new(w, w.fs, now, s.ok());
  expect_unharmed(*w.store, now);
  expect_next_succeeds(w, w.fs, *w.store);
  return hit;
}

void EveryCallOfABackupFailsInTurn(void**) {
  for (const bool with_older : {false, true}) {
    for (const bool links : {false, true}) {
      for (const int error : {ENOSPC, EIO}) {
        const bool for_ever = error == ENOSPC;
        uint64_t nth = first_call();
        while (fail_call(nth, error, for_ever, with_older, links)) nth += stride();
        assert_true(nth > 10);
      }
    }
  }
}

void WhereLinksAreRefusedFilesAreCopied(void**) {
  for (const bool with_older : {false, true}) {
    for (const int error : {EXDEV, EPERM}) {
      for (const bool for_ever : {false, true}) {
        for (uint64_t nth = 1, links = 2; nth <= links; ++nth) {
          World w(with_older, true);
          const Contents now = contents_of(*w.store);
          links = w.fs.count(Op::link);
          w.fs.inject({.op = Op::link, .nth = nth, .error = error, .for_ever = for_ever});
          BackupReport report;
          assert_true(w.backup(&report).ok());
          links = w.fs.count(Op::link) - links;
          w.fs.clear_faults();
          assert_int_equal(report.files, report.linked + report.copied + report.kept);
          if (for_ever && nth == 1) assert_int_equal(report.linked, 0);
          expect_old_or_new(w, w.fs, now, true);
          expect_unharmed(*w.store, now);
          expect_next_succeeds(w, w.fs, *w.store);
        }
      }
    }
  }
}

struct Cut {
  bool stopped = false;  // before the backup's end
  Status backup;
  std::unique_ptr<FaultFs> after;
};

// A backup with its power cut at the nth operation, and what is left of it.
Cut cut_backup(World& w, uint64_t nth, const Contents& now) {
  Cut cut;
  w.fs.freeze_at(nth);
  cut.backup = w.backup();
  cut.stopped = w.fs.frozen();
  cut.after = w.fs.after_power_cut(seed() + nth);
  w.fs.freeze();
  w.store.reset();
  expect_old_or_new(w, *cut.after, now, cut.backup.ok());
  return cut;
}

void EveryPowerCutLeavesTheBackupBeforeOrTheNewOne(void**) {
  for (const bool with_older : {false, true}) {
    for (const bool links : {false, true}) {
      bool stopped = true;
      for (uint64_t nth = first_call(); stopped; nth += stride()) {
        World w(with_older, links);
        const Contents now = contents_of(*w.store);
        const Cut cut = cut_backup(w, nth, now);
        stopped = cut.stopped;
        auto store = World::open(*cut.after, "/s", w.options);
        expect_unharmed(*store, now);
        expect_next_succeeds(w, *cut.after, *store);
      }
    }
  }
}

// What it shows is in memory, of damaged files and for as long as it is open: the backup is not.
void EveryPowerCutLeavesAWholeBackupOfASalvagedStoreOrNone(void**) {
  bool stopped = true;
  for (uint64_t nth = first_call(); stopped; nth += stride()) {
    World w(false, true);
    assert_true(w.store->close().ok());
    assert_true(w.fs.flip_bit("/s/0000000001.log", 1000, 3));
    Options salvaging = w.options;
    salvaging.salvage = true;
    w.store = World::open(w.fs, "/s", salvaging);
    const Contents now = contents_of(*w.store);
    assert_int_equal(now.size(), 28);  // 30, of which one is deleted and one damaged
    const Cut cut = cut_backup(w, nth, now);
    stopped = cut.stopped;
    if (cut.backup.ok()) {
      assert_true(World::open(*cut.after, kBackup, w.options)->close().ok());
    }
  }
}

// A checkpoint that failed is a backup that was interrupted.
void EveryCallOfACheckpointFailsInTurn(void**) {
  bool hit = true;
  for (uint64_t nth = first_call(); hit; nth += stride()) {
    World w(false, nth % 2 == 0);
    const Contents now = contents_of(*w.store);
    const uint64_t calls = w.fs.count();
    const uint64_t files = w.fs.open_files();
    w.fs.inject({.op = Op::any, .nth = nth, .error = EIO});
    const Status s = w.store->checkpoint(kBackup);
    hit = w.fs.count() - calls >= nth;
    w.fs.clear_faults();
    if (!s.ok()) assert_true(s.is(Code::io));
    assert_int_equal(w.fs.open_files(), files);
    expect_old_or_new(w, w.fs, now, s.ok());
    if (*w.fs.exists(kBackup)) assert_true(w.store->checkpoint(kBackup).is(Code::exists));
    expect_unharmed(*w.store, now);
    expect_next_succeeds(w, w.fs, *w.store);
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(EveryCallOfABackupFailsInTurn),
      cmocka_unit_test(WhereLinksAreRefusedFilesAreCopied),
      cmocka_unit_test(EveryPowerCutLeavesTheBackupBeforeOrTheNewOne),
      cmocka_unit_test(EveryPowerCutLeavesAWholeBackupOfASalvagedStoreOrNone),
      cmocka_unit_test(EveryCallOfACheckpointFailsInTurn),
  };
  return cmocka_run_group_tests_name("engine/backup_faults", tests, nullptr, nullptr);
}
