// What every Fs promises (io/fs.h), asked of the machine's file system and of FaultFs.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "support/fault_fs.h"
#include "unit/io/io_util.h"

namespace stave::test {
namespace {

constexpr uint64_t kPage = 4096;

struct Env {
  std::unique_ptr<TempDir> temp;
  std::unique_ptr<FaultFs> fault;
  Fs* fs = nullptr;
  std::string dir;
  [[nodiscard]] std::string at(const char* name) const { return dir + "/" + name; }
};

int on_posix(void** state) {
  auto* env = new Env;
  env->temp = std::make_unique<TempDir>();
  env->fs = &posix_fs();
  env->dir = env->temp->path();
  *state = env;
  return 0;
}

int on_fault(void** state) {
  auto* env = new Env;
  env->fault = std::make_unique<FaultFs>();
  env->fs = env->fault.get();
  env->dir = "/store";
  expect_ok(env->fs->make_dir(env->dir));
  *state = env;
  return 0;
}

int tear_down(void** state) {
  delete static_cast<Env*>(*state);
  return 0;
}

Env& env_of(void** state) { return *static_cast<Env*>(*state); }

std::string read_at(File& file, uint64_t offset, size_t n) {
  std::string bytes(n, '?');
  size_t got = n + 1;
  expect_ok(file.read(offset, bytes.data(), n, &got));
  bytes.resize(got);
  return bytes;
}

void missing_names_are_not_found(void** state) {
  Env& e = env_of(state);
  const std::string gone = e.at("gone");
  const Status opened = e.fs->open(gone, Access::read).status();
  expect_code(opened, Code::not_found);
  assert_non_null(std::strstr(opened.message().c_str(), gone.c_str()));
  expect_code(e.fs->open(gone, Access::write).status(), Code::not_found);
  expect_code(e.fs->unlink(gone), Code::not_found);
  expect_code(e.fs->rename(gone, e.at("there")), Code::not_found);
  expect_code(e.fs->list(gone).status(), Code::not_found);
  expect_code(e.fs->sync_dir(gone), Code::not_found);
  expect_code(e.fs->lock(gone).status(), Code::not_found);
  expect_code(e.fs->inode(gone).status(), Code::not_found);
  expect_code(e.fs->create(gone + "/inner", 0644).status(), Code::not_found);
  expect_code(e.fs->make_dir(gone + "/inner"), Code::not_found);
  assert_false(value_of(e.fs->exists(gone)));
}

void create_refuses_an_existing_name(void** state) {
  Env& e = env_of(state);
  make_file(*e.fs, e.at("f"), "old");
  expect_code(e.fs->create(e.at("f"), 0644).status(), Code::exists);
  assert_string_equal(contents(*e.fs, e.at("f")).c_str(), "old");
  assert_true(value_of(e.fs->exists(e.at("f"))));
}

void reads_stop_at_the_end_only(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), "0123456789");
  assert_string_equal(read_at(*file, 0, 10).c_str(), "0123456789");
  assert_string_equal(read_at(*file, 7, 10).c_str(), "789");
  assert_int_equal(read_at(*file, 10, 10).size(), 0);
  assert_int_equal(read_at(*file, 1 << 20, 10).size(), 0);
  assert_int_equal(read_at(*file, 0, 0).size(), 0);
}

void write_past_the_end_leaves_zeros(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), "a");
  expect_ok(file->write(3 * kPage, "b"));
  assert_int_equal(value_of(file->size()), 3 * kPage + 1);
  const std::string bytes = read_at(*file, 0, 4 * kPage);
  assert_true(bytes == "a" + std::string(3 * kPage - 1, '\0') + "b");
}

void read_only_file_refuses_writes(void** state) {
  Env& e = env_of(state);
  make_file(*e.fs, e.at("f"), "old");
  auto file = value_of(e.fs->open(e.at("f"), Access::read));
  assert_false(file->write(0, "new").ok());
  assert_false(file->truncate(0).ok());
  assert_false(file->allocate(0, kPage).ok());
  assert_false(file->map(3, Access::write).ok());
  assert_string_equal(contents(*e.fs, e.at("f")).c_str(), "old");
}

void allocate_extends_with_zeros_and_keeps_contents(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), "abc");
  expect_ok(file->allocate(kPage, 2 * kPage));
  assert_int_equal(value_of(file->size()), 3 * kPage);
  assert_true(read_at(*file, 0, 4 * kPage) == "abc" + std::string(3 * kPage - 3, '\0'));
  expect_ok(file->allocate(0, kPage));
  expect_ok(file->allocate(0, 0));
  assert_int_equal(value_of(file->size()), 3 * kPage);
  assert_string_equal(read_at(*file, 0, 3).c_str(), "abc");
}

void truncate_cuts_and_grows_with_zeros(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), std::string(2 * kPage, 'x'));
  expect_ok(file->truncate(5));
  assert_int_equal(value_of(file->size()), 5);
  expect_ok(file->truncate(2 * kPage));
  assert_true(read_at(*file, 0, 3 * kPage) == "xxxxx" + std::string(2 * kPage - 5, '\0'));
}

void mapping_and_calls_see_the_same_bytes(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), std::string(kPage, 'x'));
  auto writer = value_of(file->map(kPage, Access::write));
  auto reader = value_of(file->map(kPage, Access::read));
  assert_int_equal(writer->size(), kPage);
  expect_ok(file->write(10, "call"));
  assert_memory_equal(writer->data() + 10, "call", 4);
  std::memcpy(writer->data() + 20, "store", 5);
  assert_memory_equal(reader->data() + 20, "store", 5);
  assert_string_equal(read_at(*file, 20, 5).c_str(), "store");
  file.reset();  // mappings outlive the handle
  std::memcpy(writer->data(), "late", 4);
  assert_memory_equal(contents(*e.fs, e.at("f")).data(), "late", 4);
}

void mapping_past_the_end_works_once_extended(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"));
  assert_int_equal(value_of(file->map(0, Access::read))->size(), 0);
  auto mapping = value_of(file->map(4 * kPage, Access::write));
  assert_int_equal(mapping->size(), 4 * kPage);
  expect_ok(file->allocate(0, 4 * kPage));
  file->prefault(*mapping, kPage + 1, kPage);
  file->prefault(*mapping, 3 * kPage, 1 << 30);
  file->prefault(*mapping, 1 << 30, 1);
  std::memcpy(mapping->data() + 3 * kPage, "tail", 4);
  assert_string_equal(read_at(*file, 3 * kPage, 4).c_str(), "tail");
}

void rename_replaces_and_old_handles_stay(void** state) {
  Env& e = env_of(state);
  auto old_file = make_file(*e.fs, e.at("to"), "old");
  make_file(*e.fs, e.at("from"), "new");
  const uint64_t inode = value_of(e.fs->inode(e.at("from")));
  assert_true(inode != value_of(e.fs->inode(e.at("to"))));
  expect_ok(e.fs->rename(e.at("from"), e.at("to")));
  assert_string_equal(contents(*e.fs, e.at("to")).c_str(), "new");
  assert_string_equal(read_at(*old_file, 0, 9).c_str(), "old");
  assert_int_equal(value_of(e.fs->inode(e.at("to"))), inode);
  assert_false(value_of(e.fs->exists(e.at("from"))));
}

void unlinked_file_lives_as_long_as_its_handle(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), "kept");
  expect_ok(e.fs->unlink(e.at("f")));
  assert_string_equal(read_at(*file, 0, 9).c_str(), "kept");
  expect_ok(file->write(4, "!"));
  expect_code(e.fs->open(e.at("f"), Access::read).status(), Code::not_found);
}

void directories_are_made_once_and_listed(void** state) {
  Env& e = env_of(state);
  expect_ok(e.fs->make_dir(e.at("sub")));
  expect_ok(e.fs->make_dir(e.at("sub")));
  make_file(*e.fs, e.at("sub") + "/inner");
  make_file(*e.fs, e.at("f"));
  auto names = value_of(e.fs->list(e.dir));
  std::sort(names.begin(), names.end());
  assert_true((names == std::vector<std::string>{"f", "sub"}));
  assert_true((value_of(e.fs->list(e.at("sub"))) == std::vector<std::string>{"inner"}));
  assert_false(e.fs->make_dir(e.at("f")).ok());
  assert_false(e.fs->unlink(e.at("sub")).ok());
  expect_ok(e.fs->rename(e.at("sub") + "/inner", e.at("moved")));
  assert_true(value_of(e.fs->list(e.at("sub"))).empty());
}

void load_pages_is_private(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"), std::string(kPage, 'a') + std::string(kPage + 7, 'b'));
  void* memory =
      ::mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(memory != MAP_FAILED);
  auto* bytes = static_cast<char*>(memory);
  expect_ok(file->load_pages(memory, kPage, kPage + 7));
  assert_int_equal(std::count(bytes, bytes + kPage + 7, 'b'), kPage + 7);
  std::memset(bytes, 'z', kPage);
  assert_int_equal(contents(*e.fs, e.at("f")).find('z'), std::string::npos);
  // Not on a page: what a file aligned to 4096 bytes is on a machine with larger pages.
  expect_ok(file->load_pages(bytes + 1, kPage - 1, 2));
  assert_memory_equal(bytes + 1, "ab", 2);
  expect_code(file->load_pages(memory, kPage, kPage + 8), Code::io);
  expect_ok(file->load_pages(memory, 0, 0));
  ::munmap(memory, 3 * kPage);
}

void an_open_directory_is_synced(void** state) {
  Env& e = env_of(state);
  if (e.fault != nullptr) expect_ok(e.fs->sync_dir("/"));  // the directory's own name
  auto dir = value_of(e.fs->open_dir(e.dir));
  make_file(*e.fs, e.at("f"), "x");
  expect_ok(dir->sync());
  expect_code(e.fs->open_dir(e.at("missing")).status(), Code::not_found);
  if (e.fault != nullptr) {
    for (uint64_t seed = 0; seed < 10; ++seed) {
      assert_true(value_of(e.fault->after_power_cut(seed)->exists(e.at("f"))));
    }
  }
}

void read_file_is_bounded(void** state) {
  Env& e = env_of(state);
  make_file(*e.fs, e.at("f"), "12345");
  assert_string_equal(value_of(read_file(*e.fs, e.at("f"), 5)).c_str(), "12345");
  expect_code(read_file(*e.fs, e.at("f"), 4).status(), Code::corrupt);
  expect_code(read_file(*e.fs, e.at("g"), 4).status(), Code::not_found);
}

void lock_excludes_until_released(void** state) {
  Env& e = env_of(state);
  auto lock = value_of(e.fs->lock(e.dir));
  const Status second = e.fs->lock(e.dir).status();
  expect_code(second, Code::busy);
  assert_non_null(std::strstr(second.message().c_str(), e.dir.c_str()));
  expect_code(e.fs->lock(e.dir + "/").status(), Code::busy);
  assert_int_equal(lock->inode(), value_of(e.fs->inode(e.at("LOCK"))));
  assert_int_equal(contents(*e.fs, e.at("LOCK")).compare(0, 4, "pid "), 0);
  lock.reset();
  assert_true(value_of(e.fs->exists(e.at("LOCK"))));
  expect_ok(e.fs->lock(e.dir).status());
}

void threads_share_a_file(void** state) {
  Env& e = env_of(state);
  auto file = make_file(*e.fs, e.at("f"));
  expect_ok(file->allocate(0, 4 * kPage));
  std::vector<std::thread> threads;
  bool ok[4] = {};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string mine(kPage, static_cast<char>('a' + t));
      std::string back(kPage, '\0');
      size_t got = 0;
      ok[t] = true;
      for (int i = 0; i < 50; ++i) {
        ok[t] = ok[t] && file->write(t * kPage, mine).ok() && file->sync().ok() &&
                file->read(t * kPage, back.data(), kPage, &got).ok() && back == mine;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (bool o : ok) assert_true(o);
  expect_ok(e.fs->sync_dir(e.dir));
}

int run_on(const char* fs, CMFixtureFunction set_up) {
  CMUnitTest tests[] = {
      cmocka_unit_test(missing_names_are_not_found),
      cmocka_unit_test(create_refuses_an_existing_name),
      cmocka_unit_test(reads_stop_at_the_end_only),
      cmocka_unit_test(write_past_the_end_leaves_zeros),
      cmocka_unit_test(read_only_file_refuses_writes),
      cmocka_unit_test(allocate_extends_with_zeros_and_keeps_contents),
      cmocka_unit_test(truncate_cuts_and_grows_with_zeros),
      cmocka_unit_test(mapping_and_calls_see_the_same_bytes),
      cmocka_unit_test(mapping_past_the_end_works_once_extended),
      cmocka_unit_test(rename_replaces_and_old_handles_stay),
      cmocka_unit_test(unlinked_file_lives_as_long_as_its_handle),
      cmocka_unit_test(directories_are_made_once_and_listed),
      cmocka_unit_test(load_pages_is_private),
      cmocka_unit_test(an_open_directory_is_synced),
      cmocka_unit_test(read_file_is_bounded),
      cmocka_unit_test(lock_excludes_until_released),
      cmocka_unit_test(threads_share_a_file),
  };
  for (CMUnitTest& test : tests) {
    test.setup_func = set_up;
    test.teardown_func = tear_down;
  }
  return cmocka_run_group_tests_name(fs, tests, nullptr, nullptr);
}

}  // namespace
}  // namespace stave::test

int main() {
  return stave::test::run_on("posix_fs", stave::test::on_posix) +
         stave::test::run_on("fault_fs", stave::test::on_fault);
}
