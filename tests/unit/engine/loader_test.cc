// What loading leaves: the newest record of each key, and what counts of the files, by one thread
// and by several, from whole hints, damaged ones and records.
#include "engine/loader.h"

#include <map>

#include "engine/hint_file.h"
#include "unit/engine/log_maker.h"

namespace stave::test {
namespace {

constexpr size_t kFiles = 5;

// Hints end in blocks of 4 KiB: with this many operations there are several.
constexpr size_t kOperations = 3000;

struct Newest {
  uint64_t file = 0, offset = 0;
  Kind kind = Kind::put;
};

class Made {
 public:
  // keys: how many different ones the files share.
  Made(std::mt19937_64& random, uint64_t keys) {
    uint64_t seq = 1;
    for (uint64_t id = 1; id <= kFiles; ++id) {
      LogMaker log(id, seq);
      random_operations(random, &log, kOperations, keys);
      add(log);
      seq = log.next_seq();
    }
  }
  // Every key of the files so far is deleted by one more.
  void delete_all() {
    LogMaker log(manifest_.files.size() + 1, 1'000'000);
    std::map<std::string, Newest> all = newest_;
    for (const auto& [key, n] : all) log.erase(key);
    add(log);
  }
  void damage_hint(uint64_t id) {
    const std::string path = hint_path(id);
    // Somewhere in the middle of the blocks: good ones come before and after.
    assert_true(world_.fs.flip_bit(path, world_.read_file(path).size() / 3, 2));
  }
  void remove_hint(uint64_t id) { assert_true(world_.fs.unlink(hint_path(id)).ok()); }

  void load_and_check(OpenFor purpose, uint64_t threads, uint32_t hash_bits = 0) {
    Options options;
    options.load_threads = threads;
    options.test_hash_bits = hash_bits;
    auto env = std::make_shared<Env>(world_.fs, world_.clock, "/s", options);
    auto segments = open_files(env, manifest_, purpose);
    assert_true(segments.ok());
    auto loaded = load_store(env, manifest_, *segments, purpose, {});
    if (!loaded.ok()) print_error("%s\n", loaded.status().message().c_str());
    assert_true(loaded.ok());
    if (hash_bits == 0) check(*loaded, *segments);
  }

 private:
  [[nodiscard]] std::string hint_path(uint64_t id) { return world_.env->path(hint_file_name(id)); }

  void add(LogMaker& log) {
    const auto segment = world_.segment(log);
    segment->set_sealed();
    assert_true(rebuild_hint(*world_.env, *segment).ok());
    ManifestFile f;
    f.id = log.header().file_id;
    f.sealed = true;
    f.length = log.size();
    f.last_seq = log.next_seq() - 1;
    manifest_.files.push_back(f);
    manifest_.uuid = log.header().uuid;
    manifest_.lineage = log.header().lineage;
    for (const Operation& o : log.operations()) newest_[o.key] = {f.id, o.offset, o.kind};
  }

  void check(const Loaded& loaded, const SegmentList& segments) {
    std::map<uint64_t, uint64_t> live;
    uint64_t keys = 0;
    for (const auto& [key, n] : newest_) {
      Slot slot;
      const bool found = loaded.keydir->find((*loaded.hasher)(key), &slot);
      assert_int_equal(found, n.kind == Kind::put);
      if (!found) continue;
      const Segment* const segment = loaded.space->segment_at(slot.address);
      assert_non_null(segment);
      assert_int_equal(segment->id(), n.file);
      assert_int_equal(segment->offset_of(slot.address), n.offset);
      ++live[n.file];
      ++keys;
    }
    assert_int_equal(loaded.keydir->size(), keys);
    for (const auto& segment : segments) {
      assert_int_equal(segment->counts.live_records(), live[segment->id()]);
    }
    assert_int_equal(loaded.last_seq, manifest_.files.back().last_seq);
  }

  World world_;
  Manifest manifest_;
  std::map<std::string, Newest> newest_;
};

void by_any_number_of_threads_the_same(void**) {
  std::mt19937_64 random(seed());
  for (const uint64_t keys : {1ULL, 50ULL, 2000ULL, 1'000'000ULL}) {
    Made made(random, keys);
    for (const uint64_t threads : {1, 2, 5}) made.load_and_check(OpenFor::reading, threads);
  }
}

void a_file_without_a_hint_is_read(void**) {
  std::mt19937_64 random(seed());
  for (const uint64_t threads : {1, 2}) {
    Made made(random, 4000);
    made.remove_hint(2);
    made.load_and_check(OpenFor::reading, threads);
    made.load_and_check(OpenFor::writing, threads);
  }
}

// What the good blocks of a damaged hint gave comes a second time.
void a_hint_found_damaged_half_way_is_done_without(void**) {
  std::mt19937_64 random(seed());
  for (const uint64_t threads : {1, 2}) {
    for (const OpenFor purpose : {OpenFor::reading, OpenFor::writing}) {
      Made made(random, 4000);
      made.damage_hint(1);
      made.damage_hint(kFiles);
      made.load_and_check(purpose, threads);
      made.load_and_check(purpose, threads);  // a writer has made it anew
    }
  }
}

void all_deleted(void**) {
  std::mt19937_64 random(seed());
  Made made(random, 1000);
  made.delete_all();
  for (const uint64_t threads : {1, 2}) made.load_and_check(OpenFor::writing, threads);
}

// Keys that share digests are one to the keydir; nothing worse comes of it.
void digests_that_collide(void**) {
  std::mt19937_64 random(seed());
  Made made(random, 1000);
  for (const uint64_t threads : {1, 2}) made.load_and_check(OpenFor::reading, threads, 8);
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(by_any_number_of_threads_the_same),
      cmocka_unit_test(a_file_without_a_hint_is_read),
      cmocka_unit_test(a_hint_found_damaged_half_way_is_done_without),
      cmocka_unit_test(all_deleted),
      cmocka_unit_test(digests_that_collide),
  };
  return cmocka_run_group_tests_name("loader", tests, nullptr, nullptr);
}
