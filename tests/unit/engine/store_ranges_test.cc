// Deleted ranges in a store whose disk fails, and which merges, closes and is killed meanwhile.
#include "engine/hint_file.h"
#include "engine/range_deletes.h"
#include "engine/scan.h"
#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {
namespace {

constexpr const char* kDir = "/s";
constexpr auto kWish = SyncWish::store_default;

struct World {
  std::unique_ptr<FaultFs> fs = std::make_unique<FaultFs>();
  std::unique_ptr<Store> store;
  Options options;

  World() {
    options.background = false;
    options.load_threads = 1;
    options.io = Io::positional;
    options.merge_policy = MergePolicy::never;
    options.checkpoint_min_ops = 1;
    open();
  }
  void open() {
    auto opened = Store::open(*fs, system_clock(), kDir, options);
    assert_true(opened.ok());
    store = opened.take();
  }
  void reopen() {
    assert_true(store->close().ok());
    store.reset();
    open();
  }
  void kill() {
    auto after = fs->after_kill9();
    fs->freeze();
    store.reset();
    fs = std::move(after);
    open();
  }
  void put(const std::string& key) const { assert_true(store->put(key, "v").ok()); }
  void delete_range(const char* from, const char* to) const {
    assert_true(store->delete_range(from, to, kWish).ok());
  }
  void merge() const { assert_true(store->merge(false).ok()); }
  bool there(const std::string& key) const {
    std::string value;
    const Status s = store->get(key, &value);
    assert_true(s.ok() || s.is(Code::not_found));
    return s.ok();
  }
  uint64_t keys() const {
    StoreStatistics s;
    assert_true(store->statistics(&s).ok());
    return s.keys;
  }
  // Range tombstones in the data files that MANIFEST lists.
  size_t range_tombstones() const {
    Env env(*fs, system_clock(), kDir, options);
    const Manifest m = load_manifest(env).take();
    size_t n = 0;
    for (const ManifestFile& f : m.files) {
      auto file = fs->open(env.path(data_file_name(f.id)), Access::read).take();
      char head[kFileHeaderSize];
      size_t got = 0;
      assert_true(file->read(0, head, sizeof head, &got).ok());
      FileHeader header;
      assert_true(decode_file_header(Bytes(head, got), "f", &header).ok());
      Scanner scanner(*file, header.salt, kFileHeaderSize, file->size().take());
      Scanned s;
      while (scanner.next(&s) == Scanner::State::record) {
        if (s.record.kind == Kind::range_tombstone) ++n;
      }
    }
    return n;
  }
  void verify() const {
    VerifyReport report;
    assert_true(store->verify(&report).ok());
  }
};

HintRangeTombstone range(const char* from, const char* to, uint64_t seq) {
  return {from, to, seq, 64};
}

void ListedRangesHideWhatIsOlder(void**) {
  RangeDeletes ranges;
  unsigned changes = 0;
  ranges.on_change([&] { ++changes; });
  assert_false(ranges.any());
  assert_int_equal(ranges.seq_over("k"), 0);
  ranges.add({range("b", "d", 5)});
  ranges.add({range("c", "", 9), range("", "b", 7)});
  assert_int_equal(ranges.count(), 3);
  assert_int_equal(ranges.seq_over("a"), 7);
  assert_int_equal(ranges.seq_over("b"), 5);
  assert_int_equal(ranges.seq_over("c"), 9);
  assert_int_equal(ranges.seq_over("zz"), 9);
  ranges.remove({range("c", "", 9)});
  assert_int_equal(ranges.seq_over("c"), 5);
  assert_int_equal(ranges.seq_over("zz"), 0);
  assert_int_equal(ranges.retired(), 2);
  ranges.remove({range("x", "y", 1)});  // was not there
  assert_int_equal(changes, 3);
  ranges.remove_up_to(6);
  assert_int_equal(ranges.count(), 1);
  ranges.remove_up_to(7);
  assert_false(ranges.any());
  assert_int_equal(ranges.take_retired().size(), 4);
  assert_int_equal(ranges.retired(), 0);
}

// The slots stay while the files cannot be walked; nobody sees them, and the next sweep takes them.
void AKeyStaysHiddenWhileTheSweepFails(void**) {
  World w;
  for (const char* key : {"a", "b", "c"}) w.put(key);
  w.merge();  // a hint, which a sweep opens
  w.fs->inject({.op = Op::open, .for_ever = true, .path_part = ".hint"});
  w.fs->inject({.op = Op::read, .for_ever = true, .path_part = ".log"});
  w.delete_range("a", "c");
  assert_int_equal(w.keys(), 3);
  w.fs->clear_faults();
  assert_false(w.there("a"));
  assert_true(w.there("c"));
  bool exists = true;
  assert_true(w.store->exists("b", &exists).ok() && !exists);
  assert_true(w.store->remove("b", kWish).is(Code::not_found));
  size_t missing = 0;
  const auto key_at = [](size_t i) { return Bytes(i == 0 ? "a" : "b"); };
  const auto answer = [&](size_t, const Status& s, Bytes) { missing += s.is(Code::not_found); };
  assert_true(w.store->get_many(2, key_at, answer).ok());
  assert_int_equal(missing, 2);
  w.put("b");
  assert_true(w.there("b"));
  w.verify();
  w.merge();
  assert_int_equal(w.keys(), 2);
  w.reopen();
  assert_false(w.there("a"));
  assert_true(w.there("b") && w.there("c"));
}

// A checkpoint written with slots that a range deleted would bring their keys back.
void AClosedStoreHasNoCheckpointOfWhatWasDeleted(void**) {
  World w;
  for (const char* key : {"a", "b", "c"}) w.put(key);
  w.reopen();
  w.fs->inject({.op = Op::open, .for_ever = true, .path_part = ".hint"});
  w.fs->inject({.op = Op::read, .for_ever = true, .path_part = ".log"});
  w.delete_range("a", "c");
  assert_int_equal(w.keys(), 3);
  (void)w.store->close();
  w.fs->clear_faults();
  w.store.reset();
  w.open();
  assert_false(w.there("a") || w.there("b"));
  assert_true(w.there("c"));
  assert_int_equal(w.keys(), 1);
}

// The range came after the checkpoint, whose tables have the keys.
void ARangeBehindTheCheckpointIsSweptAtTheOpen(void**) {
  World w;
  for (const char* key : {"a", "b", "c"}) w.put(key);
  w.reopen();
  w.put("b");
  w.delete_range("a", "c");
  w.put("a");
  w.kill();
  assert_true(w.there("a") && w.there("c"));
  assert_false(w.there("b"));
  assert_int_equal(w.keys(), 2);
  w.verify();
}

void ARangeTombstoneStaysWhileAFileHasOlderPuts(void**) {
  World w;
  w.put("b");
  w.put("z");
  w.merge();  // two lives: the file has nothing to drop
  w.delete_range("a", "c");
  w.put("x");
  assert_true(w.store->remove("x", kWish).ok());
  assert_int_equal(w.range_tombstones(), 1);
  w.merge();  // all files together: nothing older is left
  assert_int_equal(w.range_tombstones(), 0);
  w.kill();
  assert_false(w.there("b"));
  assert_true(w.there("z"));
  w.verify();
}

void AClearIsDoneWhereManifestCannotBeWritten(void**) {
  World w;
  for (const char* key : {"a", "b", "c"}) w.put(key);
  w.merge();
  w.put("d");
  w.put("e");
  // The first MANIFEST is that of the next file.
  w.fs->inject({.op = Op::rename, .nth = 2, .path_part = "MANIFEST"});
  assert_true(w.store->clear(kWish).ok());
  for (const char* key : {"a", "b", "c", "d", "e"}) assert_false(w.there(key));
  w.fs->clear_faults();
  assert_int_equal(w.keys(), 0);
  w.put("b");
  w.kill();
  assert_true(w.there("b"));
  assert_int_equal(w.keys(), 1);
  w.verify();
}

// Whatever operation the machine stops at: all of it is there, or nothing.
void AClearIsWholeOrAbsentAfterAStopAnywhere(void**) {
  for (uint64_t n = 1;; ++n) {
    World w;
    for (const char* key : {"a", "b", "c"}) w.put(key);
    w.merge();
    w.put("d");
    assert_true(w.store->sync().ok());
    w.fs->freeze_at(n);
    (void)w.store->clear(kWish);
    const bool stopped = w.fs->frozen();
    auto after = w.fs->after_power_cut(n);
    w.fs->freeze();
    w.store.reset();
    w.fs = std::move(after);
    w.open();
    const uint64_t keys = w.keys();
    assert_true(keys == 0 || keys == 4);
    for (const char* key : {"a", "b", "c", "d"}) assert_int_equal(w.there(key), keys == 4);
    w.verify();
    if (!stopped) break;
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(ListedRangesHideWhatIsOlder),
      cmocka_unit_test(AKeyStaysHiddenWhileTheSweepFails),
      cmocka_unit_test(AClosedStoreHasNoCheckpointOfWhatWasDeleted),
      cmocka_unit_test(ARangeBehindTheCheckpointIsSweptAtTheOpen),
      cmocka_unit_test(ARangeTombstoneStaysWhileAFileHasOlderPuts),
      cmocka_unit_test(AClearIsDoneWhereManifestCannotBeWritten),
      cmocka_unit_test(AClearIsWholeOrAbsentAfterAStopAnywhere),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
