// Sweeps of deleted ranges that fail or are cancelled, beside readers of other threads: what is
// deleted stays hidden, what came later is there, and nothing is freed that a reader looks at
// (which the sanitizers tell).
#include <atomic>
#include <cerrno>
#include <new>
#include <thread>

#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"
#include "unit/engine/seed.h"

namespace stave::test {
namespace {

constexpr auto kWish = SyncWish::store_default;
constexpr uint64_t kKeys = 40;
constexpr unsigned kReaders = 2;

std::string key_of(uint64_t i) { return "key" + std::to_string(100 + i); }

// Every round puts its number under all keys, and deletes them as one range.
struct Shared {
  FaultFs fs;
  std::unique_ptr<Store> store;
  std::atomic<uint64_t> put{0};       // the newest round of which all keys were put
  std::atomic<uint64_t> deleting{0};  // ... whose deletion had begun
  std::atomic<uint64_t> deleted{0};   // ... was done
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0};
  std::atomic<uint64_t> reads{0};

  void open(const Options& o) {
    auto opened = Store::open(fs, system_clock(), "/s", o);
    if (!opened.ok()) fail_msg("%s", opened.status().message().c_str());
    store = opened.take();
  }
  void expect(bool good) {
    if (!good) wrong.fetch_add(1);
  }
  void put_all(uint64_t round) {
    for (uint64_t i = 0; i < kKeys; ++i) {
      expect(store->put(key_of(i), std::to_string(round) + std::string(150, '.'), kWish).ok());
    }
    put.store(round);
  }
  void delete_all(uint64_t round) {
    deleting.store(round);
    expect(store->delete_range("key", "kez", kWish).ok());
    deleted.store(round);
  }
};

class Reader {
 public:
  Reader(Shared& shared, uint64_t seed) : s_(shared), random_(seed) {}

  void run() {
    while (!s_.stop.load()) {
      try {
        one();
        s_.reads.fetch_add(1);
      } catch (const std::bad_alloc&) {
        // A fault that was meant for the sweep.
      }
    }
  }

 private:
  void one() {
    switch (random_() % 8) {
      case 0:
        return walk();
      case 1:
        return get_all();
      case 2:
        return look();
      default:
        return get();
    }
  }

  // Whether an answer about a key is right, given what was known before it was asked for.
  bool right(const Status& s, Bytes value, uint64_t put, uint64_t deleted) const {
    if (s.is(Code::closed)) return true;
    if (s.is(Code::not_found)) return put == 0 || s_.deleting.load() >= put;
    return s.ok() && std::stoull(std::string(value)) > deleted;
  }

  void get() {
    const uint64_t put = s_.put.load();
    const uint64_t deleted = s_.deleted.load();
    std::string value;
    const Status s = s_.store->get(key_of(random_() % kKeys), &value);
    s_.expect(right(s, value, put, deleted));
  }

  void get_all() {
    const uint64_t put = s_.put.load();
    const uint64_t deleted = s_.deleted.load();
    std::vector<std::string> keys;
    for (uint64_t i = 0; i < kKeys; ++i) keys.push_back(key_of(i));
    const auto key_at = [&](size_t i) { return Bytes(keys[i]); };
    const auto answer = [&](size_t, const Status& s, Bytes value) {
      s_.expect(right(s, value, put, deleted));
    };
    (void)s_.store->get_many(kKeys, key_at, answer);
  }

  void look() {
    const uint64_t put = s_.put.load();
    bool there = false;
    const Status s = s_.store->exists("key100", &there);
    s_.expect(!s.ok() || there || put == 0 || s_.deleting.load() >= put);
    s_.expect(s.ok() || s.is(Code::closed));
  }

  // Hints are opened here too, and may be what fails.
  void walk() {
    const uint64_t deleted = s_.deleted.load();
    auto it = s_.store->iterate("key");
    if (!it.ok()) return s_.expect(it.status().is(Code::io) || it.status().is(Code::closed));
    Status s;
    while ((s = (*it)->next()).ok()) {
      Bytes value;
      if ((*it)->value(&value).ok()) s_.expect(std::stoull(std::string(value)) > deleted);
    }
    s_.expect(s.is(Code::done) || s.is(Code::io));
  }

  Shared& s_;
  std::mt19937_64 random_;
};

class Readers {
 public:
  explicit Readers(Shared& shared) : shared_(shared) {
    for (unsigned i = 0; i < kReaders; ++i) {
      threads_.emplace_back([&shared, i] { Reader(shared, seed() + i).run(); });
    }
  }
  ~Readers() {
    shared_.stop.store(true);
    for (std::thread& t : threads_) t.join();
  }

 private:
  Shared& shared_;
  std::vector<std::thread> threads_;
};

Options options() {
  Options o;
  o.background = false;
  o.load_threads = 1;
  o.io = Io::mapped;  // gets go on where the disk fails
  o.max_file_size = 4096;
  o.preallocate = 64 << 10;
  o.merge_policy = MergePolicy::never;
  return o;
}

// Every round leaves files whose hints a sweep has yet to open.
void SweepsFailBesideReaders(void**) {
  Shared shared;
  std::atomic<uint64_t> failed{0};
  Options o = options();
  o.log_callback = [&](int, const std::string& message) {
    if (message.find("deleted ranges stay in memory") != std::string::npos) failed.fetch_add(1);
  };
  shared.open(o);
  {
    const Readers readers(shared);
    for (uint64_t round = 1, end = scaled(60, 20); round <= end; ++round) {
      const bool throws = round % 3 == 0;
      shared.fs.inject({.op = Op::open, .for_ever = true, .path_part = ".hint", .throws = throws});
      shared.put_all(round);
      shared.delete_all(round);
      // More than are kept until a sweep frees them.
      for (int i = 0; i < 40; ++i) shared.expect(shared.store->delete_range("x", "y", kWish).ok());
      shared.fs.clear_faults();
      if (round % 4 == 0) shared.expect(shared.store->merge(false).ok());
      if (round % 2 == 0) shared.expect(shared.store->delete_range("x", "y", kWish).ok());
    }
    while (shared.reads.load() < 100) std::this_thread::yield();
  }
  assert_int_equal(shared.wrong.load(), 0);
  assert_true(failed.load() >= 5);
  StoreStatistics statistics;
  assert_true(shared.store->delete_range("x", "y", kWish).ok());
  assert_true(shared.store->statistics(&statistics).ok());
  assert_int_equal(statistics.keys, 0);
  assert_true(shared.store->close().ok());
}

// A store that is closed does not wait for the sweep's end.
void SweepsAreCancelledBesideReaders(void**) {
  for (uint64_t i = 0, end = scaled(12, 5); i < end; ++i) {
    Shared shared;
    Options o = options();
    o.background = true;
    o.max_file_size = 1 << 20;
    shared.open(o);
    for (uint64_t k = 0; k < 10000; ++k) {
      shared.expect(shared.store->put("many" + std::to_string(k), "v", kWish).ok());
    }
    shared.put_all(1);
    {
      const Readers readers(shared);
      while (shared.reads.load() < 10) std::this_thread::yield();
      shared.expect(shared.store->delete_range("many", "manz", kWish).ok());
      shared.delete_all(1);
      for (uint64_t n = i * 2; n > 0; --n) std::this_thread::yield();
      shared.expect(shared.store->close(i % 2 == 0).ok());
    }
    assert_int_equal(shared.wrong.load(), 0);
    shared.store.reset();
    shared.open(options());
    StoreStatistics statistics;
    assert_true(shared.store->statistics(&statistics).ok());
    assert_int_equal(statistics.keys, 0);
    std::string value;
    assert_true(shared.store->get("key100", &value).is(Code::not_found));
    assert_true(shared.store->close().ok());
  }
}

}  // namespace
}  // namespace stave::test

int main() {
  using namespace stave::test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(SweepsFailBesideReaders),
      cmocka_unit_test(SweepsAreCancelledBesideReaders),
  };
  return cmocka_run_group_tests_name("engine/sweep_threads", tests, nullptr, nullptr);
}
