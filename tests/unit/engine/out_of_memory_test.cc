// Every piece of memory that a call asks for is refused once, in turn: the process lives on, no
// later call waits for ever, and what was done is not told as failed.
#include <csignal>
#include <cstdlib>
#include <new>

#include "engine/backup.h"
#include "engine/hint_writer.h"
#include "engine/store.h"
#include "unit/io/io_util.h"

namespace {

thread_local int64_t pieces_left = -1;  // the one after them is refused; negative: none is
thread_local bool all_after = false;    // are refused, too
thread_local bool refused = false;

bool refuse() {
  if (pieces_left < 0) return false;
  if (pieces_left > 0) {
    --pieces_left;
    return false;
  }
  if (!all_after) pieces_left = -1;
  return refused = true;
}

}  // namespace

void* operator new(size_t n) {
  void* const p = refuse() ? nullptr : std::malloc(n);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

// No power is cut here.
extern "C" int fsync(int) { return 0; }
extern "C" int fdatasync(int) { return 0; }

namespace stave::test {
namespace {

constexpr auto kWish = SyncWish::store_default;
constexpr unsigned kHangSeconds = 120;
constexpr size_t kFillsAFile = 7000;

// Every one at first, then more and more seldom: calls of many pieces repeat themselves.
int64_t next_piece(int64_t n) { return n + 1 + n / 32; }

// Without piece n, counted from 0; refused, if the call asked for so many.
template <typename F>
Status without_piece(int64_t n, F&& f) {
  refused = false;
  pieces_left = n;
  Status s;
  try {
    s = f();
  } catch (const std::bad_alloc&) {
    s = Status::answer(Code::no_memory);
  }
  pieces_left = -1;
  return s;
}

struct World {
  TempDir dir;
  std::unique_ptr<Store> store;

  explicit World(bool background = false) {
    Options o;
    o.background = background;
    o.load_threads = 1;
    o.max_file_size = 8192;
    o.preallocate = 64 << 10;
    o.merge_policy = MergePolicy::never;
    auto opened = Store::open(posix_fs(), system_clock(), dir.path() + "/s", o);
    assert_true(opened.ok());
    store = opened.take();
    for (int i = 0; i < 20; ++i) assert_true(put(i).ok());
  }
  [[nodiscard]] Status put(int i, size_t size = 1000) const {
    return store->put("key" + std::to_string(i), std::string(size, 'v'));
  }
  [[nodiscard]] uint64_t last_seq() const {
    StoreStatistics statistics;
    assert_true(store->statistics(&statistics).ok());
    return statistics.last_seq;
  }
};

// preparing_ stayed set where a file could not be made, and the next put that wanted one waited
// for nobody.
void APutWithoutThreadsDoesNotWaitForWhatRanOutOfMemory(void**) {
  ::alarm(kHangSeconds);
  all_after = true;
  bool any = true;
  for (int64_t n = 0; any; n = next_piece(n)) {
    World w;
    (void)without_piece(n, [&] {
      Status s;
      for (int i = 0; s.ok() && i < 2; ++i) s = w.put(i, kFillsAFile);
      return s;
    });
    any = refused;
    for (int i = 0; i < 2; ++i) (void)w.put(i, kFillsAFile);
  }
  ::alarm(0);
  all_after = false;
  assert_false(any);
}

void AnObsoleteFileIsUnlinkedWithoutMemory(void**) {
  const TempDir dir;
  const auto env = std::make_shared<Env>(posix_fs(), system_clock(), dir.path(), Options());
  refused = true;
  for (int64_t n = 0; refused; ++n) {
    auto segment = std::make_shared<Segment>(env, FileHeader{Origin::log, {}, 0, 1, 1}, Extent{});
    const std::string path = segment->path();
    // The hint is not there: telling that takes memory, too.
    value_of(posix_fs().create(path, 0644));
    segment->set_obsolete();
    (void)without_piece(n, [&] {
      segment.reset();
      return Status();
    });
    assert_false(value_of(posix_fs().exists(path)));
  }
}

void AHintThatWasNotFinishedIsTakenAwayWithoutMemory(void**) {
  const TempDir dir;
  const auto env = std::make_shared<Env>(posix_fs(), system_clock(), dir.path(), Options());
  const Segment segment(env, FileHeader{Origin::log, {}, 0, 1, 1}, Extent{});
  refused = true;
  for (int64_t n = 0; refused; ++n) {
    auto writer = std::make_unique<HintWriter>(*env, segment);
    expect_ok(writer->create());
    expect_ok(posix_fs().unlink(segment.hint_path() + ".tmp"));
    (void)without_piece(n, [&] {
      writer.reset();
      return Status();
    });
  }
}

// std::filesystem's directory_iterator called terminate.
void ADirectoryIsLockedOrNotWithoutMemory(void**) {
  const TempDir dir;
  refused = true;
  for (int64_t n = 0; refused; ++n) {
    (void)without_piece(n, [&] { return posix_fs().lock(dir.path()).status(); });
    expect_ok(posix_fs().lock(dir.path()).status());
  }
}

// They were told as going on for ever.
void VerifyAndBackupEndWithoutMemory(void**) {
  const World w;
  const std::string to = w.dir.path() + "/b";
  const auto expect_ended = [&] {
    Progress progress;
    assert_true(w.store->progress(&progress).ok());
    assert_string_equal(progress.task, "");
  };
  VerifyReport verified;
  refused = true;
  for (int64_t n = 0; refused; n = next_piece(n)) {
    (void)without_piece(n, [&] { return w.store->verify(&verified); });
    expect_ended();
  }
  expect_ok(w.store->verify(&verified));
  BackupReport copied;
  refused = true;
  for (int64_t n = 0; refused; n = next_piece(n)) {
    (void)without_piece(n, [&] { return w.store->backup(to, false, &copied); });
    expect_ended();
  }
  expect_ok(w.store->backup(to, false, &copied));
}

template <typename Call>
void expect_no_memory_is_nothing_done(bool background, Call&& call) {
  refused = true;
  for (int64_t n = 0; refused; ++n) {
    const World w(background);
    const uint64_t before = w.last_seq();
    const Status s = without_piece(n, [&] { return call(*w.store); });
    if (s.ok()) continue;
    expect_code(s, Code::no_memory);
    if (w.last_seq() != before) fail_msg("piece %d: no memory, but done", static_cast<int>(n));
  }
}

void ADeletionThatIsDoneIsNotToldAsFailed(void**) {
  for (const bool background : {false, true}) {
    expect_no_memory_is_nothing_done(
        background, [](Store& store) { return store.delete_range("key1", "key2", kWish); });
    expect_no_memory_is_nothing_done(background, [](Store& store) { return store.clear(kWish); });
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(APutWithoutThreadsDoesNotWaitForWhatRanOutOfMemory),
      cmocka_unit_test(AnObsoleteFileIsUnlinkedWithoutMemory),
      cmocka_unit_test(AHintThatWasNotFinishedIsTakenAwayWithoutMemory),
      cmocka_unit_test(ADirectoryIsLockedOrNotWithoutMemory),
      cmocka_unit_test(VerifyAndBackupEndWithoutMemory),
      cmocka_unit_test(ADeletionThatIsDoneIsNotToldAsFailed),
  };
  return cmocka_run_group_tests_name("engine/out_of_memory", tests, nullptr, nullptr);
}
