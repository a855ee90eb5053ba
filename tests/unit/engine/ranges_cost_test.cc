// What deleted ranges cost those who come after them, in pieces of memory: neither a deletion nor
// an iterator pays for all that were ever deleted.
#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/iterator.h"
#include "engine/range_deletes.h"
#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace {
std::atomic<uint64_t> pieces{0};
}  // namespace

void* operator new(size_t n) {
  ++pieces;
  if (void* p = std::malloc(n)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace stave::test {
namespace {

constexpr auto kWish = SyncWish::store_default;
// Too long to be kept in a string itself.
const std::string kPrefix = "a prefix that is longer than short strings are/";

std::string named(uint64_t i) { return kPrefix + std::to_string(1'000'000 + i); }

template <typename F>
uint64_t pieces_for(F&& f) {
  const uint64_t before = pieces;
  f();
  return pieces - before;
}

struct World {
  FaultFs fs;
  std::unique_ptr<Store> store;

  explicit World(uint64_t file_entries = kFileEntriesDefault) {
    Options options;
    options.max_file_entries = file_entries;
    options.background = false;
    options.load_threads = 1;
    options.io = Io::positional;
    options.merge_policy = MergePolicy::never;
    auto opened = Store::open(fs, system_clock(), "/s", options);
    assert_true(opened.ok());
    store = opened.take();
  }
  ~World() { assert_true(store->close().ok()); }
  void delete_ranges(uint64_t from, uint64_t to) const {
    for (uint64_t i = from; i < to; ++i) {
      assert_true(store->delete_range(named(i), named(i) + "~", kWish).ok());
    }
  }
  // The keys that an iterator gives.
  [[nodiscard]] uint64_t walk() const {
    auto it = store->iterate("");
    assert_true(it.ok());
    uint64_t n = 0;
    while ((*it)->next().ok()) ++n;
    return n;
  }
};

void ADeletionDoesNotPayForThoseBefore(void**) {
  const World w;
  w.delete_ranges(0, 200);
  const uint64_t first = pieces_for([&] { w.delete_ranges(200, 400); });
  w.delete_ranges(400, 3000);
  const uint64_t last = pieces_for([&] { w.delete_ranges(3000, 3200); });
  assert_true(last <= 3 * first);
}

void AnIteratorDoesNotPayForRangesThatOneBeforeHasSeen(void**) {
  constexpr uint64_t kRanges = 3000;
  const World w;
  for (uint64_t i = 0; i < 10; ++i) assert_true(w.store->put(named(i * 100), "v").ok());
  w.delete_ranges(1, kRanges);  // of which number 0 is none
  assert_int_equal(w.walk(), 1);
  assert_true(pieces_for([&] { assert_int_equal(w.walk(), 1); }) < kRanges / 10);
  // Behind them.
  assert_true(w.store->put(named(100), "back").ok());
  w.delete_ranges(200, 201);
  assert_true(pieces_for([&] { assert_int_equal(w.walk(), 2); }) < kRanges / 10);
}

// Most of them in sealed files, which come and go while iterators do.
void RangesOfSealedFilesAreFlattenedOncePerFile(void**) {
  constexpr uint64_t kStep = 40;
  constexpr uint64_t kSteps = 100;
  const World w(1000);
  assert_true(w.store->put("a", "v").ok());
  uint64_t all = 0;
  for (uint64_t i = 0; i < kSteps; ++i) {
    w.delete_ranges(i * kStep, (i + 1) * kStep);
    all += pieces_for([&] { assert_int_equal(w.walk(), 1); });
  }
  std::vector<FileStatistics> files;
  assert_true(w.store->files(&files).ok());
  assert_true(files.size() >= 4);
  // Looking at half of them each time, on average, would be five pieces for each at least.
  assert_true(all < kSteps * kSteps * kStep / 2);
}

void AListedRangeMoreCopiesFewOfTheOthers(void**) {
  RangeDeletes ranges;
  const uint64_t all = pieces_for([&] {
    for (uint64_t i = 0; i < kUnsweptMax; ++i) {
      ranges.add({{named(i), named(i) + "~", i + 1, 64}});
      assert_int_equal(ranges.seq_over(named(i) + "k"), i + 1);
      assert_int_equal(ranges.seq_over(named(i / 2) + "k"), i / 2 + 1);
    }
  });
  assert_true(all < 200 * kUnsweptMax);
  assert_int_equal(ranges.count(), kUnsweptMax);
  assert_int_equal(ranges.list().size(), kUnsweptMax);
  for (uint64_t i = 0; i < kUnsweptMax; ++i) assert_int_equal(ranges.list()[i].seq, i + 1);
  ranges.remove_up_to(kUnsweptMax / 2);
  assert_int_equal(ranges.seq_over(named(0) + "k"), 0);
  assert_int_equal(ranges.seq_over(named(kUnsweptMax - 1) + "k"), kUnsweptMax);
  assert_int_equal(ranges.count(), kUnsweptMax / 2);
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(ADeletionDoesNotPayForThoseBefore),
      cmocka_unit_test(AnIteratorDoesNotPayForRangesThatOneBeforeHasSeen),
      cmocka_unit_test(RangesOfSealedFilesAreFlattenedOncePerFile),
      cmocka_unit_test(AListedRangeMoreCopiesFewOfTheOthers),
  };
  return cmocka_run_group_tests_name("ranges_cost", tests, nullptr, nullptr);
}
