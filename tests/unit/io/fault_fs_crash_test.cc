// The crash model of FaultFs for contents: rules M1, M2, M4 and M5 of support/fault_fs.h.
#include <csignal>
#include <cstring>
#include <set>
#include <string>

#include "support/fault_fs.h"
#include "support/fault_fs_random.h"
#include "unit/io/io_util.h"

namespace stave::test {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kSeeds = 200;

// A file whose name is durable, with `bytes` in it that are not.
std::unique_ptr<File> named_file(FaultFs& fs, Bytes bytes) {
  auto file = make_file(fs, "f");
  expect_ok(fs.sync_dir("."));
  expect_ok(file->write(0, bytes));
  return file;
}

// Everything that power cuts leave of "f".
std::set<std::string> futures(const FaultFs& fs) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto after = fs.after_power_cut(seed);
    seen.insert(contents(*after, "f"));
  }
  return seen;
}

void synced_data_survives_every_power_cut(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(3 * kPage + 17, 'a'));
  expect_ok(file->sync());
  const auto left = futures(fs);
  assert_int_equal(left.size(), 1);
  assert_true(*left.begin() == std::string(3 * kPage + 17, 'a'));
}

void unsynced_pages_are_kept_or_lost_each_by_itself(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(2 * kPage, 'a'));
  expect_ok(file->sync());
  expect_ok(file->write(0, std::string(2 * kPage, 'b')));
  std::set<std::string> expected;
  for (char first : {'a', 'b'}) {
    for (char second : {'a', 'b'}) {
      expected.insert(std::string(kPage, first) + std::string(kPage, second));
    }
  }
  assert_true(futures(fs) == expected);
}

void small_pages_tear_a_record(void**) {
  FaultFs fs({.page_size = 512});
  auto file = named_file(fs, std::string(1024, 'a'));
  expect_ok(file->sync());
  expect_ok(file->write(100, std::string(800, 'b')));
  assert_int_equal(futures(fs).size(), 4);
}

void unsynced_growth_ends_anywhere(void**) {
  FaultFs fs;
  auto file = named_file(fs, "a");
  expect_ok(file->sync());
  expect_ok(file->write(1, std::string(3 * kPage, 'b')));
  std::set<uint64_t> lengths;
  bool zeros = false;
  for (const std::string& left : futures(fs)) {
    lengths.insert(left.size());
    assert_int_equal(left[0], 'a');
    zeros = zeros || left.find('\0') != std::string::npos;
  }
  assert_true((lengths == std::set<uint64_t>{1, kPage, 2 * kPage, 3 * kPage, 3 * kPage + 1}));
  assert_true(zeros);  // the length survived, the page did not
}

void unsynced_truncation_may_be_undone(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(2 * kPage, 'a'));
  expect_ok(file->sync());
  expect_ok(file->truncate(10));
  std::set<uint64_t> lengths;
  for (const std::string& left : futures(fs)) lengths.insert(left.size());
  assert_true((lengths == std::set<uint64_t>{10, 2 * kPage}));
  expect_ok(file->sync());
  assert_true(futures(fs) == std::set<std::string>{std::string(10, 'a')});
}

void mapped_stores_are_dirty_until_synced(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(kPage, 'a'));
  expect_ok(file->sync());
  auto mapping = value_of(file->map(kPage, Access::write));
  std::memset(mapping->data(), 'b', kPage);
  assert_int_equal(futures(fs).size(), 2);
  expect_ok(file->sync());
  assert_true(futures(fs) == std::set<std::string>{std::string(kPage, 'b')});
}

void kill_9_keeps_all_and_a_power_cut_after_it_does_not(void**) {
  FaultFs fs;
  auto file = named_file(fs, "");
  auto mapping = value_of(file->map(kPage, Access::write));
  expect_ok(file->allocate(0, kPage));
  std::memset(mapping->data(), 'm', kPage);
  auto after = fs.after_kill9();
  assert_true(contents(*after, "f") == std::string(kPage, 'm'));
  const auto left = futures(*after);
  assert_true(left.count("") == 1);
  assert_true(left.count(std::string(kPage, 'm')) == 1);
}

void copies_do_not_share_memory(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(kPage, 'a'));
  auto mapping = value_of(file->map(kPage, Access::write));
  expect_ok(file->sync());
  auto killed = fs.after_kill9();
  auto cut = fs.after_power_cut(1);
  std::memset(mapping->data(), 'b', kPage);
  expect_ok(file->sync());
  assert_true(contents(*killed, "f") == std::string(kPage, 'a'));
  assert_true(contents(*cut, "f") == std::string(kPage, 'a'));
}

void writeback_mixes_old_and_new(void**) {
  std::set<std::string> first_pages;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    FaultFs fs;
    auto file = named_file(fs, std::string(kPage, 'a'));
    expect_ok(file->sync());
    expect_ok(file->write(0, std::string(kPage, 'b')));
    fs.writeback(seed);
    expect_ok(file->write(0, std::string(kPage, 'c')));
    first_pages.insert(contents(*fs.after_power_cut(seed), "f").substr(0, 1));
    assert_true(contents(fs, "f") == std::string(kPage, 'c'));
  }
  assert_true((first_pages == std::set<std::string>{"a", "b", "c"}));
}

void failed_sync_loses_pages_though_a_retry_succeeds(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(kPage, 'a'));
  expect_ok(file->sync());
  expect_ok(file->write(0, std::string(kPage, 'b')));
  fs.inject({.op = Op::sync});
  expect_code(file->sync(), Code::io);
  expect_ok(file->sync());
  assert_true(contents(fs, "f") == std::string(kPage, 'b'));
  assert_true(futures(fs) == std::set<std::string>{std::string(kPage, 'a')});
  expect_ok(file->write(0, "c"));  // dirty again: now the whole page is written
  expect_ok(file->sync());
  assert_true(futures(fs) == std::set<std::string>{"c" + std::string(kPage - 1, 'b')});
}

void page_lost_by_a_failed_sync_is_dirty_once_written_again(void**) {
  for (bool truncate_first : {false, true}) {
    FaultFs fs;
    auto file = named_file(fs, std::string(kPage, 'a'));
    fs.inject({.op = Op::sync});
    expect_code(file->sync(), Code::io);
    if (truncate_first) {
      auto mapping = value_of(file->map(kPage, Access::write));
      expect_ok(file->truncate(0));
      expect_ok(file->truncate(kPage));
      std::memset(mapping->data(), 'a', kPage);
    } else {
      expect_ok(file->write(0, std::string(kPage, 'a')));
    }
    expect_ok(file->sync());
    assert_true(futures(fs) == std::set<std::string>{std::string(kPage, 'a')});
  }
}

// Neither bytes past a length that survived alone nor pages that a synced truncation removed.
void growing_again_shows_zeros(void**) {
  FaultFs fs;
  auto file = named_file(fs, "a");
  expect_ok(file->sync());
  expect_ok(file->write(1, std::string(kPage - 1, 'b')));
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto after = fs.after_power_cut(seed);
    auto left = value_of(after->open("f", Access::write));
    if (value_of(left->size()) != 1) continue;
    expect_ok(left->truncate(kPage));
    assert_true(contents(*after, "f") == "a" + std::string(kPage - 1, '\0'));
  }
  expect_ok(file->write(0, std::string(2 * kPage, 'c')));
  expect_ok(file->sync());
  expect_ok(file->truncate(kPage));
  expect_ok(file->sync());
  expect_ok(file->truncate(2 * kPage));
  for (const std::string& left : futures(fs)) {
    assert_true(left.substr(kPage).find('c') == std::string::npos);
  }
  expect_ok(file->truncate(0));
  expect_ok(file->truncate(kPage));
  expect_ok(file->sync());
  assert_true(futures(fs) == std::set<std::string>{std::string(kPage, '\0')});
}

void same_seed_leaves_the_same_disk(void**) {
  FaultFs fs;
  auto file = named_file(fs, std::string(64 * kPage, 'a'));
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::string once = contents(*fs.after_power_cut(seed), "f");
    assert_true(once == contents(*fs.after_power_cut(seed), "f"));
  }
}

void touching_pages_past_the_end_faults(void**) {
  FaultFs fs;
  auto file = named_file(fs, "a");
  auto mapping = value_of(file->map(4 * kPage, Access::write));
  const int ended = in_child([&] {
    ::signal(SIGSEGV, SIG_DFL);
    mapping->data()[2 * kPage] = 'x';
    return 0;
  });
  assert_int_equal(ended, 128 + SIGSEGV);
}

// Against a model: a page left by a power cut is what it was at the last sync, or what it is
// now; with writebacks, some version from between. Writes fill a page with their number.
void every_page_is_a_version_since_the_last_sync(void**) {
  constexpr uint64_t kPages = 4;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    FaultRandom random(seed);
    FaultFs fs;
    auto file = named_file(fs, std::string(kPages * kPage, '\1'));
    expect_ok(file->sync());
    auto mapping = value_of(file->map(kPages * kPage, Access::write));
    char synced[kPages] = {1, 1, 1, 1};
    char newest[kPages] = {1, 1, 1, 1};
    for (char version = 2; version < 30; ++version) {
      const uint64_t page = random.below(kPages);
      const std::string bytes(kPage, version);
      if (random.chance(50)) {
        expect_ok(file->write(page * kPage, bytes));
      } else {
        std::memcpy(mapping->data() + page * kPage, bytes.data(), kPage);
      }
      newest[page] = version;
      if (random.chance(20)) fs.writeback(random.next());
      if (!random.chance(10)) continue;
      expect_ok(file->sync());
      std::memcpy(synced, newest, sizeof newest);
    }
    const std::string left = contents(*fs.after_power_cut(random.next()), "f");
    for (uint64_t p = 0; p < kPages; ++p) {
      const char version = left[p * kPage];
      assert_true(left.substr(p * kPage, kPage) == std::string(kPage, version));
      assert_in_range(version, synced[p], newest[p]);
    }
  }
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(synced_data_survives_every_power_cut),
      cmocka_unit_test(unsynced_pages_are_kept_or_lost_each_by_itself),
      cmocka_unit_test(small_pages_tear_a_record),
      cmocka_unit_test(unsynced_growth_ends_anywhere),
      cmocka_unit_test(unsynced_truncation_may_be_undone),
      cmocka_unit_test(mapped_stores_are_dirty_until_synced),
      cmocka_unit_test(kill_9_keeps_all_and_a_power_cut_after_it_does_not),
      cmocka_unit_test(copies_do_not_share_memory),
      cmocka_unit_test(writeback_mixes_old_and_new),
      cmocka_unit_test(failed_sync_loses_pages_though_a_retry_succeeds),
      cmocka_unit_test(page_lost_by_a_failed_sync_is_dirty_once_written_again),
      cmocka_unit_test(growing_again_shows_zeros),
      cmocka_unit_test(same_seed_leaves_the_same_disk),
      cmocka_unit_test(touching_pages_past_the_end_faults),
      cmocka_unit_test(every_page_is_a_version_since_the_last_sync),
  };
  return cmocka_run_group_tests_name("fault_fs_crash", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
