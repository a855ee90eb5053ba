// Opening a store whose derived files are missing, forged, or not to be made again.
#include <cerrno>

#include "engine/catalog.h"
#include "engine/store.h"
#include "format/checkpoint.h"
#include "unit/engine/log_maker.h"

namespace stave::test {
namespace {

constexpr uint64_t kKeys = 300;

struct Disk {
  Disk() {
    options.background = false;
    options.max_file_size = 64 << 10;
    options.preallocate = 64 << 10;
    options.checkpoint_min_ops = 0;
    options.merge_policy = MergePolicy::never;
    auto store = open();
    assert_true(store.ok());
    for (uint64_t i = 0; i < kKeys; ++i) put(**store, i);
    assert_true((*store)->close().ok());
  }
  Result<std::unique_ptr<Store>> open() { return open_on(fs); }
  Result<std::unique_ptr<Store>> open_on(FaultFs& disk) {
    return Store::open(disk, clock, "/s", options);
  }
  static std::string value(uint64_t i) {
    return std::string(1000, static_cast<char>('a' + i % 20));
  }
  static void put(Store& store, uint64_t i) {
    assert_true(store.put(named("key:", i), value(i)).ok());
  }
  std::unique_ptr<Store> opens_whole() { return opens_whole_on(fs); }
  std::unique_ptr<Store> opens_whole_on(FaultFs& disk) {
    auto store = open_on(disk);
    assert_true(store.ok());
    for (uint64_t i = 0; i < kKeys; ++i) {
      std::string found;
      assert_true((*store)->get(named("key:", i), &found).ok());
      assert_true(found == value(i));
    }
    return store.take();
  }
  void without(const std::string& part) {
    const auto names = fs.list("/s").take();
    for (const std::string& name : names) {
      if (name.ends_with(part)) assert_true(fs.unlink("/s/" + name).ok());
    }
  }
  bool has(const std::string& part) {
    const auto names = fs.list("/s").take();
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& n) { return n.ends_with(part); });
  }
  std::string read(const std::string& path) { return read_file(fs, path, 1 << 30).take(); }
  void write(const std::string& path, Bytes bytes) {
    auto file = fs.open(path, Access::write);
    assert_true(file.ok() && (*file)->write(0, bytes).ok());
    assert_true((*file)->truncate(bytes.size()).ok());
  }
  void edit_manifest(const std::function<void(Manifest&)>& edit) {
    Manifest m;
    assert_true(decode_manifest(read("/s/MANIFEST"), "MANIFEST", &m).ok());
    edit(m);
    write("/s/MANIFEST", encode_manifest(m));
  }

  FaultFs fs;
  SetClock clock;
  Options options;
};

void a_missing_hint_that_cannot_be_made_is_done_without(void**) {
  for (const int error : {ENOSPC, EACCES, EMFILE}) {
    for (const bool keydir : {false, true}) {
      Disk d;
      assert_true(d.has(".hint"));
      d.without(".hint");
      if (!keydir) d.without("KEYDIR");
      d.fs.inject({Op::create, 1, error, true, ".hint"});
      auto store = d.opens_whole();
      assert_false(d.has(".hint"));
    }
  }
}

// Every slot of the table `edit`ed, with checksums that are right.
void forge_keydir(Disk& d, const std::function<uint64_t(uint64_t word0)>& edit) {
  std::string bytes = d.read("/s/KEYDIR");
  Checkpoint c;
  assert_true(decode_checkpoint(bytes, bytes.size(), "KEYDIR", &c).ok());
  char* unit = bytes.data() + checkpoint_header_size(c.files.size(), c.shards.size());
  for (CheckpointShard& shard : c.shards) {
    assert_true(shard.length <= kCheckpointUnit);
    for (uint64_t at = 0; at < shard.length; at += 16) {
      const uint64_t word = load_le<uint64_t>(unit + at);
      if (word != 0) store_le(unit + at, edit(word));
    }
    shard.crc = crc32c(0, unit, shard.length);
    unit += kCheckpointUnit;
  }
  const std::string header = encode_checkpoint(c);
  bytes.replace(0, header.size(), header);
  d.write("/s/KEYDIR", bytes);
}

bool distrusted_keydir(Store& store) {
  LogEvent event;
  uint64_t dropped = 0;
  while (store.next_log_event(&event, &dropped)) {
    for (const char* told : {"ignored", "filling it from the files"}) {
      if (event.message.find(told) != std::string::npos) return true;
    }
  }
  return false;
}

void forged_checkpoints_are_not_believed(void**) {
  auto address = [](uint64_t word, uint64_t to) {
    Slot slot = unpack_slot(word);
    slot.address = to;
    return pack_slot(slot, word & kTagMask);
  };
  {
    Disk d;
    forge_keydir(d, [](uint64_t word) { return word; });
    assert_false(distrusted_keydir(*d.opens_whole()));  // the forgery as such is good
  }
  const uint64_t nowhere = kGranules / 2 * kGranuleUnits + 8;
  for (const uint64_t to : {nowhere, uint64_t{1}, kGranuleUnits - 1}) {
    Disk d;
    forge_keydir(d, [&](uint64_t word) { return address(word, to); });
    auto store = d.opens_whole();
    assert_true(distrusted_keydir(*store));
    Disk::put(*store, 3);
  }
  Disk d;  // a class that loading would take for a tombstone
  forge_keydir(d, [](uint64_t word) {
    Slot slot = unpack_slot(word);
    slot.size_class = kTombstoneClass;
    return pack_slot(slot, word & kTagMask);
  });
  assert_true(distrusted_keydir(*d.opens_whole()));
}

void file_numbers_end(void**) {
  Disk d;
  d.edit_manifest([](Manifest& m) { m.next_file_id = kFileIdMax - 1; });
  auto store = d.opens_whole();
  Status s;
  for (uint64_t i = 0; i < 1000 && s.ok(); ++i) s = store->put("more", std::string(1000, 'x'));
  assert_true(s.is(Code::store_full));
  store.reset();
  (void)d.opens_whole();
}

void operation_numbers_end(void**) {
  Disk d;
  d.edit_manifest([](Manifest& m) { m.seq_floor = UINT64_MAX; });
  auto store = d.opens_whole();
  assert_true(store->put("more", "x").is(Code::store_full));
}

// Of an older MANIFEST than its files: what a merge has replaced since is listed, and gone, and
// what came instead is not. It is all that a repair has.
void a_refused_open_deletes_nothing(void**) {
  Disk d;
  const std::string older = d.read("/s/MANIFEST");
  {
    auto store = d.opens_whole();
    for (uint64_t i = 0; i < kKeys; i += 2) d.put(*store, i);
    assert_true(store->merge(false).ok());
    assert_true(store->close().ok());
  }
  d.write("/s/MANIFEST", older);
  const auto before = d.fs.list("/s").take();
  const auto refused = d.open();
  assert_true(refused.status().is(Code::corrupt));
  assert_true(refused.status().message().find("listed in MANIFEST") != std::string::npos);
  assert_true(d.fs.list("/s").take() == before);
}

// Memory that runs out at any step of a merge: the store in memory stays the one on disk.
void memory_runs_out_in_a_merge(void**) {
  uint64_t steps = 1;
  uint64_t uncertain = 0;
  for (uint64_t nth = 0; nth <= steps; ++nth) {
    Disk d;
    auto store = d.opens_whole();
    for (uint64_t i = 0; i < kKeys; i += 2) d.put(*store, i);
    if (nth != 0) d.fs.inject({.nth = nth, .throws = true});
    const uint64_t before = d.fs.count();
    try {
      (void)store->merge(false);
    } catch (const std::bad_alloc&) {
    }
    if (nth == 0) steps = d.fs.count() - before;
    d.fs.clear_faults();
    const auto killed = d.fs.after_kill9();
    d.opens_whole_on(*killed);
    // After MANIFEST's rename nobody knows which of the two a power cut would leave.
    const Status more = store->merge(false);
    if (more.is(Code::poisoned)) ++uncertain;
    if (!more.ok() && !more.is(Code::poisoned)) fail_msg("%s", more.message().c_str());
    (void)store->close();
    store.reset();
    store = d.opens_whole();
    VerifyReport report;
    assert_true(store->verify(&report).ok());
    assert_true(store->close().ok());
  }
  assert_in_range(uncertain, 1, steps / 2);
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_missing_hint_that_cannot_be_made_is_done_without),
      cmocka_unit_test(forged_checkpoints_are_not_believed),
      cmocka_unit_test(file_numbers_end),
      cmocka_unit_test(operation_numbers_end),
      cmocka_unit_test(a_refused_open_deletes_nothing),
      cmocka_unit_test(memory_runs_out_in_a_merge),
  };
  return cmocka_run_group_tests_name("open_faults", tests, nullptr, nullptr);
}
