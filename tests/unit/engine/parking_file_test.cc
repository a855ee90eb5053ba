// Files without descriptors of their own (parking_file.h).
#include "engine/parking_file.h"

#include <thread>

#include "unit/engine/log_maker.h"

namespace stave::test {
namespace {

constexpr size_t kFiles = 100;  // more than stay open

std::string name_of(size_t i) { return named("/s/", i); }

std::string read_all(File& file) {
  char bytes[64];
  size_t got = 0;
  assert_true(file.read(0, bytes, sizeof bytes, &got).ok());
  return std::string(bytes, got);
}

std::unique_ptr<ParkingFile> parked(World& w, size_t i, Bytes mapped = {}) {
  w.write_file(name_of(i), name_of(i) + " holds this");
  auto file = std::make_unique<ParkingFile>(w.fs, w.fs.open(name_of(i), Access::read).take());
  file->park(mapped);
  return file;
}

void many_are_read_by_name(void**) {
  World w;
  std::vector<std::unique_ptr<ParkingFile>> files;
  for (size_t i = 0; i < kFiles; ++i) files.push_back(parked(w, i));
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < kFiles; ++i) {
      assert_string_equal(read_all(*files[i]).c_str(), (name_of(i) + " holds this").c_str());
    }
  }
  // The one read last is open still, the one before all others is not.
  const uint64_t opens = w.fs.count(Op::open);
  (void)read_all(*files[kFiles - 1]);
  assert_int_equal(w.fs.count(Op::open), opens);
  (void)read_all(*files[0]);
  assert_int_equal(w.fs.count(Op::open), opens + 1);
}

// Merged away by another process, or no descriptor left.
void the_mapping_stands_in_for_a_file_that_cannot_be_opened(void**) {
  World w;
  const std::string mapped = "as it was mapped";
  auto gone = parked(w, 0, mapped);
  auto bare = parked(w, 1);
  auto poor = parked(w, 2, mapped);
  std::vector<std::unique_ptr<ParkingFile>> others;
  for (size_t i = 3; i < kFiles; ++i) others.push_back(parked(w, i));
  assert_true(w.fs.unlink(name_of(0)).ok() && w.fs.unlink(name_of(1)).ok());
  w.fs.inject({Op::open, 1, EMFILE, true, name_of(2)});
  for (File* file : {static_cast<File*>(gone.get()), static_cast<File*>(poor.get())}) {
    assert_string_equal(read_all(*file).c_str(), mapped.c_str());
    assert_int_equal(*file->size(), mapped.size());
    char byte = 0;
    size_t got = 1;
    assert_true(file->read(mapped.size() + 5, &byte, 1, &got).ok());
    assert_int_equal(got, 0);
  }
  char byte = 0;
  size_t got = 0;
  assert_true(bare->read(0, &byte, 1, &got).is(Code::not_found));
  // Any other failure is one: a bad disk is not to be met in a mapping.
  w.fs.clear_faults();
  w.fs.inject({Op::open, 1, EIO, true, name_of(2)});
  assert_true(poor->read(0, &byte, 1, &got).is(Code::io));
}

void threads_share_the_places(void**) {
  World w;
  std::vector<std::unique_ptr<ParkingFile>> files;
  for (size_t i = 0; i < kFiles; ++i) files.push_back(parked(w, i));
  std::atomic<bool> good{true};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(seed() + t);
      for (int n = 0; n < 2000; ++n) {
        const size_t i = below(random, kFiles);
        char bytes[64];
        size_t got = 0;
        const bool ok = files[i]->read(0, bytes, sizeof bytes, &got).ok();
        if (!ok || std::string(bytes, got) != name_of(i) + " holds this") good = false;
        if (n % 100 == 0) files[i]->park({});
      }
    });
  }
  for (std::thread& t : threads) t.join();
  assert_true(good);
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  (void)seed();
  const CMUnitTest tests[] = {
      cmocka_unit_test(many_are_read_by_name),
      cmocka_unit_test(the_mapping_stands_in_for_a_file_that_cannot_be_opened),
      cmocka_unit_test(threads_share_the_places),
  };
  return cmocka_run_group_tests_name("parking_file", tests, nullptr, nullptr);
}
