// The keydir under threads: readers never lose sight of a key that is there, swings never undo a
// newer put. Meant for thread sanitizer, and useful without it.
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "keydir_support.h"

namespace stave::keydir_test {
namespace {

constexpr uint64_t kStable = 4000;
constexpr uint64_t kChurned = 60000;
constexpr unsigned kRounds = 3;

// cmocka's assertions are for the main thread: others count what went wrong.
struct Readers {
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0};
  std::atomic<uint64_t> reads{0};
};

void read_stable(const Keydir& k, const Hasher& h, Readers* r) {
  for (uint64_t i = 0; !r->stop.load(); i = (i + 1) % kStable) {
    Slot s;
    const Digest d = digest_of(h, i);
    k.prefetch(d);
    if (!k.find(d, &s) || s.address != i + 1 || s.size_class != (i + 1) % kTombstoneClass)
      ++r->wrong;
    if (k.find(digest_of(h, i + (1ULL << 40)), &s)) ++r->wrong;
    ++r->reads;
  }
}

// Writers put and erase other keys, so that the readers' cells move, tables grow and shrink.
void churn(Keydir& k, const Hasher& h, uint64_t first, Readers* r) {
  for (unsigned round = 0; round < kRounds; ++round) {
    for (uint64_t i = first; i < first + kChurned; ++i) {
      bool replaced;
      Slot previous;
      auto never = [](const Slot&) { return false; };
      if (load_one(k, digest_of(h, i), {i, 1}, never, &replaced, &previous)) ++r->wrong;
    }
    for (uint64_t i = first; i < first + kChurned; ++i) {
      Slot previous;
      if (!k.erase(digest_of(h, i), &previous) || previous.address != i) ++r->wrong;
    }
  }
}

void run_churn(Keydir& k, const Hasher& h) {
  Readers r;
  std::thread readers[2], writers[2];
  for (auto& t : readers) t = std::thread([&] { read_stable(k, h, &r); });
  for (unsigned i = 0; i < 2; ++i) {
    writers[i] = std::thread([&, i] { churn(k, h, kStable + (i + 1) * 10 * kChurned, &r); });
  }
  std::thread visitor([&] {
    while (!r.stop.load()) {
      uint64_t stable = 0;
      k.for_each([&](const Slot& s) {
        stable += s.address <= kStable;
        return true;
      });
      if (stable != kStable) ++r.wrong;
    }
  });
  for (auto& t : writers) t.join();
  r.stop = true;
  for (auto& t : readers) t.join();
  visitor.join();
  assert_int_equal(r.wrong.load(), 0);
  assert_true(r.reads.load() > 0);
  assert_int_equal(k.size(), kStable);
}

void readers_see_every_stable_key_while_tables_move(void**) {
  auto k = make_keydir();
  const Hasher h = hasher();
  for (uint64_t i = 0; i < kStable; ++i) put(*k, digest_of(h, i), i + 1);
  run_churn(*k, h);
}

void readers_see_every_stable_key_of_an_adopted_keydir(void**) {
  const Hasher h = hasher();
  auto k = make_keydir();
  for (uint64_t i = 0; i < kStable; ++i) put(*k, digest_of(h, i), i + 1);
  std::vector<CheckpointShard> shards;
  std::string file;
  assert_true(k->save(&shards, [&](uint64_t offset, Bytes bytes) {
                 assert_int_equal(offset, file.size());
                 file.append(bytes);
                 return Status();
               }).ok());
  auto adopted = make_keydir();
  assert_true(adopted
                  ->adopt(shards,
                          [&](void* to, uint64_t length) {
                            std::memcpy(to, file.data(), length);
                            return Status();
                          })
                  .ok());
  run_churn(*adopted, h);
  assert_false(adopted->damaged());
}

// A merge swings slots from old to new addresses while a writer overwrites the same keys. Every
// key must end at the writer's last address; a swing that won before must not come back later.
void a_swing_never_undoes_a_newer_put(void**) {
  constexpr uint64_t kKeys = 500;
  constexpr uint64_t kPuts = 300;
  auto k = make_keydir();
  const Hasher h = hasher();
  for (uint64_t i = 0; i < kKeys; ++i) put(*k, digest_of(h, i), 1);
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> swung{0}, erased{0};
  std::thread merger([&] {
    for (uint64_t i = 0; !stop.load(); i = (i + 1) % kKeys) {
      Slot s;
      if (!k->find(digest_of(h, i), &s) || s.address % 2 == 0) continue;
      // Odd addresses are the writer's, even ones the merge's copy of the one below.
      if (k->replace_if(digest_of(h, i), s.address, {s.address + 1, 0})) ++swung;
      if (i % 7 == 0 && k->erase_if(digest_of(h, i), s.address + 1)) ++erased;
    }
  });
  uint64_t wrong = 0, missing = 0;
  for (uint64_t n = 1; n < kPuts; ++n) {
    for (uint64_t i = 0; i < kKeys; ++i) {
      Slot previous;
      const uint64_t last = 2 * n - 1;
      if (!put(*k, digest_of(h, i), last + 2, &previous)) {
        ++missing;
        if (i % 7 != 0) ++wrong;
      } else if (previous.address != last && previous.address != last + 1) {
        ++wrong;
      }
    }
  }
  stop = true;
  merger.join();
  assert_int_equal(wrong, 0);
  assert_int_equal(k->size(), kKeys - (erased.load() - missing));
}

}  // namespace
}  // namespace stave::keydir_test

int main() {
  using namespace stave::keydir_test;
  const CMUnitTest tests[] = {
      cmocka_unit_test(readers_see_every_stable_key_while_tables_move),
      cmocka_unit_test(readers_see_every_stable_key_of_an_adopted_keydir),
      cmocka_unit_test(a_swing_never_undoes_a_newer_put),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
