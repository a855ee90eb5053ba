// Faults on demand: which operation fails, how, and what it leaves behind.
#include <cerrno>
#include <cstring>
#include <string>

#include "support/fault_fs.h"
#include "unit/io/io_util.h"

namespace stave::test {
namespace {

constexpr uint64_t kPage = 4096;

void nth_operation_fails_once(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f");
  fs.inject({.nth = 3, .error = EMFILE});
  expect_ok(file->write(0, "a"));
  expect_ok(file->sync());
  const Status third = fs.make_dir("d");
  expect_code(third, Code::too_many_files);
  assert_int_equal(third.system_errno(), EMFILE);
  assert_false(value_of(fs.exists("d")));
  expect_ok(fs.make_dir("d"));
}

void faults_choose_by_kind_and_path(void**) {
  FaultFs fs;
  auto log = make_file(fs, "1.log");
  auto hint = make_file(fs, "1.hint");
  fs.inject({.op = Op::sync, .nth = 2, .path_part = ".log"});
  expect_ok(hint->sync());
  expect_ok(hint->sync());
  expect_ok(log->sync());
  expect_ok(log->write(0, "a"));
  expect_code(log->sync(), Code::io);
  expect_ok(log->sync());
}

void fault_for_ever_ends_when_cleared(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f", "a");
  fs.inject({.op = Op::read, .for_ever = true});
  char byte = 0;
  size_t got = 9;
  for (int i = 0; i < 3; ++i) expect_code(file->read(0, &byte, 1, &got), Code::io);
  assert_int_equal(got, 0);
  fs.clear_faults();
  expect_ok(file->read(0, &byte, 1, &got));
  assert_int_equal(byte, 'a');
}

// So that a test can say "for every n": the same steps, each failed in turn.
void every_operation_can_fail(void**) {
  auto steps = [](FaultFs& fs) {
    STAVE_RETURN_IF_ERROR(fs.make_dir("d"));
    auto lock = fs.lock("d");
    STAVE_RETURN_IF_ERROR(lock.status());
    auto file = fs.create("d/a", 0644);
    STAVE_RETURN_IF_ERROR(file.status());
    STAVE_RETURN_IF_ERROR((*file)->allocate(0, kPage));
    STAVE_RETURN_IF_ERROR((*file)->map(kPage, Access::write).status());
    STAVE_RETURN_IF_ERROR((*file)->write(0, "abc"));
    STAVE_RETURN_IF_ERROR((*file)->truncate(3));
    STAVE_RETURN_IF_ERROR((*file)->size().status());
    STAVE_RETURN_IF_ERROR((*file)->sync());
    STAVE_RETURN_IF_ERROR(fs.rename("d/a", "d/b"));
    STAVE_RETURN_IF_ERROR(fs.link("d/b", "d/c"));
    STAVE_RETURN_IF_ERROR(fs.sync_dir("d"));
    STAVE_RETURN_IF_ERROR(fs.open_dir("d").status());
    STAVE_RETURN_IF_ERROR(fs.list("d").status());
    STAVE_RETURN_IF_ERROR(fs.exists("d").status());
    STAVE_RETURN_IF_ERROR(fs.inode("d/b").status());
    STAVE_RETURN_IF_ERROR(fs.open("d/b", Access::read).status());
    char bytes[3];
    size_t got = 0;
    STAVE_RETURN_IF_ERROR((*file)->read(0, bytes, 3, &got));
    STAVE_RETURN_IF_ERROR((*file)->load_pages(bytes, 0, 3));
    return fs.unlink("d/b");
  };
  FaultFs counted;
  expect_ok(steps(counted));
  const uint64_t operations = counted.count();
  assert_int_equal(operations, static_cast<int>(Op::count_) - 1);
  for (int kind = 1; kind < static_cast<int>(Op::count_); ++kind) {
    assert_int_equal(counted.count(static_cast<Op>(kind)), 1);
  }
  for (uint64_t n = 1; n <= operations; ++n) {
    FaultFs fs;
    fs.inject({.nth = n});
    expect_code(steps(fs), Code::io);
    assert_int_equal(fs.count(), n);
  }
}

void failed_write_leaves_half_of_it(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f", "aaaa");
  fs.inject({.op = Op::write});
  expect_code(file->write(2, "bbbb"), Code::io);
  assert_string_equal(contents(fs, "f").c_str(), "aabb");
}

void full_disk_refuses_whole_allocations(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f", "a");
  fs.set_free_space(2 * kPage);
  expect_code(file->allocate(0, 4 * kPage), Code::no_space);
  assert_int_equal(value_of(file->size()), 1);
  expect_ok(file->allocate(0, 3 * kPage));  // the first page has its block already
  expect_code(fs.create("g", 0644).status(), Code::no_space);
  expect_code(file->allocate(3 * kPage, 1), Code::no_space);
  expect_ok(file->write(kPage, std::string(2 * kPage, 'b')));
}

void full_disk_cuts_a_write_short(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f");
  fs.set_free_space(kPage);
  expect_code(file->write(kPage - 2, "bbbb"), Code::no_space);
  assert_int_equal(value_of(file->size()), kPage);
  assert_string_equal(contents(fs, "f").substr(kPage - 2).c_str(), "bb");
}

void space_comes_back(void**) {
  FaultFs fs;
  auto kept = make_file(fs, "kept", std::string(2 * kPage, 'a'));
  auto gone = make_file(fs, "gone", std::string(2 * kPage, 'a'));
  auto replaced = make_file(fs, "replaced", std::string(kPage, 'a'));
  replaced.reset();
  auto more = make_file(fs, "more");
  fs.set_free_space(0);
  auto has_pages = [&](uint64_t pages) {
    expect_code(more->allocate(0, (pages + 1) * kPage), Code::no_space);
    expect_ok(more->allocate(0, pages * kPage));
    expect_ok(more->truncate(0));
  };
  has_pages(0);
  expect_ok(kept->truncate(kPage));
  has_pages(1);
  expect_ok(fs.unlink("gone"));
  has_pages(1);  // an open handle holds its blocks
  gone.reset();
  has_pages(3);
  expect_ok(fs.rename("kept", "replaced"));
  has_pages(4);
}

void space_comes_back_after_crashes_too(void**) {
  FaultFs fs;
  expect_ok(make_file(fs, "f", std::string(kPage, 'a'))->sync());
  expect_ok(fs.sync_dir("."));
  std::unique_ptr<FaultFs> crashed[] = {fs.after_power_cut(0), fs.after_kill9()};
  for (auto& after : crashed) {
    after->set_free_space(0);
    expect_code(after->create("g", 0644).status(), Code::no_space);
    expect_ok(after->unlink("f"));
    expect_ok(after->create("g", 0644).status());
  }
}

void files_end_at_the_reserve(void**) {
  FaultFs fs({.reserve = 4 * kPage});
  auto file = make_file(fs, "f");
  expect_ok(file->truncate(4 * kPage));
  assert_false(file->truncate(4 * kPage + 1).ok());
  assert_false(file->write(4 * kPage, "a").ok());
  assert_false(file->write(~0ULL, "a").ok());
  assert_false(file->allocate(kPage, 4 * kPage).ok());
  assert_false(file->map(5 * kPage, Access::read).ok());
}

void bit_rot_is_in_the_cache_and_on_the_disk(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f", "abc");
  expect_ok(file->sync());
  expect_ok(fs.sync_dir("."));
  assert_true(fs.flip_bit("f", 1, 0));
  assert_string_equal(contents(fs, "f").c_str(), "acc");
  assert_string_equal(contents(*fs.after_power_cut(0), "f").c_str(), "acc");
  assert_false(fs.flip_bit("f", 3, 0));
  assert_false(fs.flip_bit("g", 0, 0));
}

void frozen_fs_fails_everything_and_changes_nothing(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f", std::string(kPage, 'a'));
  auto mapping = value_of(file->map(kPage, Access::write));
  auto lock = value_of(fs.lock("."));
  fs.freeze();
  assert_true(fs.frozen());
  const uint64_t before = fs.count();
  expect_code(file->write(0, "b"), Code::io);
  expect_code(file->sync(), Code::io);
  expect_code(file->truncate(0), Code::io);
  expect_code(fs.rename("f", "g"), Code::io);
  expect_code(fs.unlink("f"), Code::io);
  expect_code(fs.create("g", 0644).status(), Code::io);
  expect_code(fs.exists("f").status(), Code::io);
  assert_int_equal(fs.count(), before);
  mapping->data()[0] = 'z';  // still memory
  auto after = fs.after_kill9();
  assert_int_equal(contents(*after, "f").size(), kPage);
  assert_int_equal(contents(*after, "f")[1], 'a');
}

void freeze_at_stops_in_the_middle(void**) {
  FaultFs fs;
  auto file = make_file(fs, "f");
  fs.freeze_at(2);
  expect_ok(file->write(0, "a"));
  assert_false(fs.frozen());
  expect_code(file->write(1, "bb"), Code::io);
  assert_true(fs.frozen());
  assert_string_equal(contents(*fs.after_kill9(), "f").c_str(), "a");
}

void handles_outlive_their_fs(void**) {
  auto fs = std::make_unique<FaultFs>();
  auto file = make_file(*fs, "f", "abc");
  auto lock = value_of(fs->lock("."));
  auto mapping = value_of(file->map(3, Access::read));
  fs.reset();
  lock.reset();
  assert_int_equal(value_of(file->size()), 3);
  file.reset();
  assert_memory_equal(mapping->data(), "abc", 3);
}

void network_fs_is_what_the_test_says(void**) {
  FaultFs fs;
  assert_string_equal(fs.network_fs(".").c_str(), "");
  fs.set_network_fs("nfs");
  assert_string_equal(fs.network_fs(".").c_str(), "nfs");
  assert_string_equal(fs.after_kill9()->network_fs(".").c_str(), "nfs");
}

int run() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(nth_operation_fails_once),
      cmocka_unit_test(faults_choose_by_kind_and_path),
      cmocka_unit_test(fault_for_ever_ends_when_cleared),
      cmocka_unit_test(every_operation_can_fail),
      cmocka_unit_test(failed_write_leaves_half_of_it),
      cmocka_unit_test(full_disk_refuses_whole_allocations),
      cmocka_unit_test(full_disk_cuts_a_write_short),
      cmocka_unit_test(space_comes_back),
      cmocka_unit_test(space_comes_back_after_crashes_too),
      cmocka_unit_test(files_end_at_the_reserve),
      cmocka_unit_test(bit_rot_is_in_the_cache_and_on_the_disk),
      cmocka_unit_test(frozen_fs_fails_everything_and_changes_nothing),
      cmocka_unit_test(freeze_at_stops_in_the_middle),
      cmocka_unit_test(handles_outlive_their_fs),
      cmocka_unit_test(network_fs_is_what_the_test_says),
  };
  return cmocka_run_group_tests_name("fault_fs_faults", tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() { return stave::test::run(); }
