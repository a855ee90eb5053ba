// Readers and a writer beside merges: nobody is ever led astray, values never go back.
#include <atomic>
#include <thread>

#include "unit/engine/merge_world.h"

namespace stave::test {
namespace {

constexpr uint64_t kKeys = 300;

// Every key's value is a number that only rises.
void read_until(MergeWorld& w, const std::atomic<bool>& done, std::atomic<uint64_t>& wrong) {
  std::vector<uint64_t> seen(kKeys, 0);
  for (uint64_t i = 0; !done; ++i) {
    const uint64_t k = (i * 7919) % kKeys;
    const Epoch::Guard guard(w.reads);
    const auto value = w.get(named("k", k));
    const uint64_t now = value ? std::strtoull(value->c_str(), nullptr, 10) : 0;
    if (now < seen[k]) ++wrong;
    seen[k] = now;
  }
}

void ReadersAndAWriterBesideMerges(void**) {
  for (const Io io : {Io::mapped, Io::positional}) {
    Options o;
    o.io = io;
    o.max_file_size = 8192;
    MergeWorld w(o);
    for (uint64_t k = 0; k < kKeys; ++k) w.put(named("k", k), "1");
    w.rotate();
    std::atomic<bool> done{false};
    std::atomic<uint64_t> wrong{0};
    std::thread reader_a([&] { read_until(w, done, wrong); });
    std::thread reader_b([&] { read_until(w, done, wrong); });
    std::thread merging([&] {
      while (!done) {
        if (!w.merger->run_all(false).ok()) ++wrong;
      }
    });
    std::mt19937_64 random(seed());
    for (uint64_t i = 2; i < 6000 || w.merger->statistics().merges < 5; ++i) {
      w.put(named("k", below(random, kKeys)), std::to_string(i).append(below(random, 50), ' '));
      if (i % 40 == 0) {
        w.erase("other");
        w.put("other", "x");
      }
      if (i % 200 == 0) w.rotate();
    }
    done = true;
    for (std::thread* t : {&reader_a, &reader_b, &merging}) t->join();
    assert_int_equal(wrong, 0);
    assert_true(w.merger->statistics().merges > 0);
    assert_true(w.merger->run_all(false).ok());
    w.check();
    w.check_counts();
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(ReadersAndAWriterBesideMerges),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
